/** What a publish was made from, and what was made from it. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import { readBasisEntry, type BasisEntry } from './basis.ts';
import type { Connection } from './connection.ts';
import { readEvent, type Event } from './event.ts';
import { ContextService } from './gen/hyperloom/v1/context_service_pb.ts';
import {
  SeenStanding as WireStanding,
  TraceDirection,
  TraceRequestSchema,
  type DerivedPublish as WireDerived,
  type GhostDiff as WireGhostDiff,
  type SeenNode as WireSeen,
  type TraceEntry as WireEntry,
  type TraceLink as WireLink,
} from './gen/hyperloom/v1/trace_pb.ts';
import { readNode, type Node } from './node.ts';
import { Paged, type Page } from './paged.ts';
import type { CallLimits } from './transport.ts';

/** A diff staged in a ghost. */
export interface GhostDiff {
  readonly ghostId: string;
  readonly sequence: number;
}

/** Which publish to trace: the one that made a trunk revision, a diff staged in a ghost, or the one that made the newest value of a path. */
export type TraceStart = number | GhostDiff | string;

/** Options of `traceDownstream`. */
export interface TraceOptions extends CallLimits {
  /** Only what was written here or below. Default: everything that the publish wrote. */
  readonly path?: string | undefined;
  /** How many publishes away, at most 1,000. Default: upstream 1, downstream all. */
  readonly hops?: number | undefined;
  /** Default 100, at most 1,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `traceUpstream`. */
export interface TraceUpstreamOptions extends TraceOptions {
  /** Leaves values out. */
  readonly keysOnly?: boolean | undefined;
}

/** How something that was seen compares with now. `gone`: it cannot be shown any more. */
export type SeenStanding = 'unchanged' | 'changed' | 'reverted' | 'gone';

/** Something that an agent had before it when it published. */
export interface SeenNode {
  /** How many publishes away: 1 is what the traced one itself has seen. */
  readonly hops: number;
  /** What was read: a subtree is told in as many entries as it has nodes with a value. */
  readonly basis: BasisEntry;
  /** The node as it was seen; `undefined` where there was nothing, or it cannot be shown any more. */
  readonly node: Node | undefined;
  readonly standing: SeenStanding;
  /** The publish that had read it; 0 where that was staged in a ghost. */
  readonly readerRevision: number;
  readonly readerDiff: GhostDiff | undefined;
}

/** A publish that had seen what another one wrote. */
export interface DerivedPublish {
  /** How many publishes away: 1 has seen what the traced one wrote. */
  readonly hops: number;
  /** Without values. In a live ghost `revision` is 0. */
  readonly event: Event;
  /** Through what; at most 100. */
  readonly links: readonly TraceLink[];
  /** What it wrote that nobody has overwritten since; at most 100. */
  readonly standingPaths: readonly string[];
}

/** What connects two publishes. */
export interface TraceLink {
  /** What was read. */
  readonly basis: BasisEntry;
  /** Who had written it; 0 where that was staged in a ghost. */
  readonly writerRevision: number;
  readonly writerDiff: GhostDiff | undefined;
}

/** A page of a trace. */
export interface TracePage<Item> extends Page<Item> {
  /** The publish that was traced, without its values. */
  readonly start: Event | undefined;
}

/** What a publish was made from, nearest first. */
export function traceUpstream(
  connection: Connection,
  agent: Agent,
  start: TraceStart,
  options: TraceUpstreamOptions,
): Paged<SeenNode, TracePage<SeenNode>> {
  return trace(connection, agent, TraceDirection.UPSTREAM, start, options, ({ hops, entry }) =>
    entry.case === 'seen' ? readSeen(hops, entry.value) : undefined,
  );
}

/** What was made from a publish, nearest first. */
export function traceDownstream(
  connection: Connection,
  agent: Agent,
  start: TraceStart,
  options: TraceOptions,
): Paged<DerivedPublish, TracePage<DerivedPublish>> {
  return trace(connection, agent, TraceDirection.DOWNSTREAM, start, options, ({ hops, entry }) =>
    entry.case === 'derived' ? readDerived(hops, entry.value) : undefined,
  );
}

function trace<Item extends object>(
  connection: Connection,
  agent: Agent,
  direction: TraceDirection,
  start: TraceStart,
  options: TraceUpstreamOptions,
  read: (entry: WireEntry) => Item | undefined,
): Paged<Item, TracePage<Item>> {
  return new Paged(async (pageToken) => {
    const request = create(TraceRequestSchema, {
      forest: agent.forest,
      start: startOf(start),
      path: options.path ?? (typeof start === 'string' ? start : ''),
      direction,
      hops: options.hops ?? 0,
      pageSize: options.pageSize ?? 0,
      pageToken,
      keysOnly: options.keysOnly ?? false,
    });
    const response = await connection.caller.unary(ContextService.method.trace, request, options);
    return {
      items: response.entries.flatMap((entry) => read(entry) ?? []),
      nextPageToken: response.nextPageToken,
      revision: Number(response.revision),
      start: response.start === undefined ? undefined : readEvent(response.start),
    };
  });
}

function startOf(start: TraceStart): NonNullable<MessageInitShape<typeof TraceRequestSchema>['start']> {
  if (typeof start === 'number') return { case: 'revision', value: BigInt(start) };
  if (typeof start === 'string') return { case: undefined };
  return { case: 'ghostDiff', value: { ghostId: start.ghostId, sequence: BigInt(start.sequence) } };
}

const standings: Readonly<Record<number, SeenStanding>> = {
  [WireStanding.UNCHANGED]: 'unchanged',
  [WireStanding.CHANGED]: 'changed',
  [WireStanding.REVERTED]: 'reverted',
  [WireStanding.GONE]: 'gone',
};

function readSeen(hops: number, seen: WireSeen): SeenNode | undefined {
  if (seen.basis === undefined) return undefined;
  return {
    hops,
    basis: readBasisEntry(seen.basis),
    node: seen.node === undefined ? undefined : readNode(seen.node, seen.node.modifiedRevision),
    standing: standings[seen.standing] ?? 'gone',
    readerRevision: Number(seen.readerRevision),
    readerDiff: readGhostDiff(seen.readerDiff),
  };
}

function readDerived(hops: number, derived: WireDerived): DerivedPublish | undefined {
  if (derived.event === undefined) return undefined;
  return {
    hops,
    event: readEvent(derived.event),
    links: derived.links.flatMap((link) => readLink(link) ?? []),
    standingPaths: derived.standingPaths,
  };
}

function readLink({ basis, writerRevision, writerDiff }: WireLink): TraceLink | undefined {
  if (basis === undefined) return undefined;
  return {
    basis: readBasisEntry(basis),
    writerRevision: Number(writerRevision),
    writerDiff: readGhostDiff(writerDiff),
  };
}

function readGhostDiff(diff: WireGhostDiff | undefined): GhostDiff | undefined {
  return diff === undefined ? undefined : { ghostId: diff.ghostId, sequence: Number(diff.sequence) };
}

/** Who knew what: asked of the broker over Connect with the client's generated messages, bounded to what a panel shows. */
import { createClient, type Client as ConnectClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import type { Event, Node } from '../../../typescript/src/browser.ts';
import { readEvent } from '../../../typescript/src/event.ts';
import { Cascade } from '../../../typescript/src/gen/hyperloom/v1/cascade_pb.ts';
import { ContextService } from '../../../typescript/src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../../typescript/src/gen/hyperloom/v1/forest_service_pb.ts';
import { BasisExtent } from '../../../typescript/src/gen/hyperloom/v1/operation_pb.ts';
import {
  SeenStanding,
  TraceDirection,
  type TraceResponse,
} from '../../../typescript/src/gen/hyperloom/v1/trace_pb.ts';
import { readNodeOrUndefined } from '../../../typescript/src/node.ts';
import { sumMeters, type AgentMeter } from '../model/meter.ts';

/** Entries asked for: a panel of more is not read. */
const entriesAsked = 100;

/** How something that was seen compares with now. */
export type Standing = 'unchanged' | 'changed' | 'reverted' | 'gone';

/** Something that an author had before it. */
export interface Seen {
  readonly path: string;
  readonly revision: number;
  readonly extent: 'node' | 'subtree' | 'absent';
  readonly node: Node | undefined;
  readonly standing: Standing;
}

/** A publish that had seen what another one wrote. */
export interface Derived {
  readonly event: Event;
  readonly hops: number;
  /** Through what: paths that it had read. */
  readonly through: readonly string[];
  /** What it wrote that is still there. */
  readonly standing: readonly string[];
}

/** What taking back a revision with its consequences would do. */
export interface CascadeReport {
  readonly undone: readonly {
    readonly revision: number;
    readonly author: string;
    readonly label: string;
    readonly hops: number;
  }[];
  readonly undoneTotal: number;
  readonly staying: readonly { readonly path: string; readonly revision: number }[];
  readonly stayingTotal: number;
  readonly ghostsTotal: number;
}

/** A part of an answer, and whether there is more. */
export interface Traced<Entry> {
  readonly start: Event | undefined;
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
}

export class Provenance {
  readonly #forest: string;
  readonly #context: ConnectClient<typeof ContextService>;
  readonly #forests: ConnectClient<typeof ForestService>;

  constructor(baseUrl: string, forest: string) {
    const transport = createConnectTransport({ baseUrl, useBinaryFormat: true });
    this.#forest = forest;
    this.#context = createClient(ContextService, transport);
    this.#forests = createClient(ForestService, transport);
  }

  /** What the author of a revision had read, as it was seen then. */
  async upstream(path: string, revision: number, signal: AbortSignal): Promise<Traced<Seen>> {
    const answer = await this.#trace(path, revision, TraceDirection.UPSTREAM, signal);
    const entries = answer.entries.flatMap(({ entry }) => {
      if (entry.case !== 'seen') return [];
      const { basis, node, standing } = entry.value;
      return [
        {
          path: node?.path ?? basis?.path ?? '',
          revision: Number(basis?.revision ?? 0),
          extent: extents[basis?.extent ?? BasisExtent.NODE] ?? 'node',
          node: readNodeOrUndefined(node),
          standing: standings[standing] ?? 'unchanged',
        },
      ];
    });
    return tracedOf(answer, entries);
  }

  /** Who has used what a revision wrote here, through any number of agents. */
  async downstream(path: string, revision: number, signal: AbortSignal): Promise<Traced<Derived>> {
    const answer = await this.#trace(path, revision, TraceDirection.DOWNSTREAM, signal);
    const entries = answer.entries.flatMap(({ entry, hops }) => {
      if (entry.case !== 'derived' || entry.value.event === undefined) return [];
      const { event, links, standingPaths } = entry.value;
      const through = [...new Set(links.flatMap(({ basis }) => basis?.path ?? []))];
      return [{ event: readEvent(event), hops, through, standing: standingPaths }];
    });
    return tracedOf(answer, entries);
  }

  /** What each agent has published, read and been rendered, next to what the whole history would have been. */
  async meters(signal: AbortSignal): Promise<readonly AgentMeter[]> {
    const { meters } = await this.#forests.getStatus(
      { forest: this.#forest, includeMeters: true },
      { signal },
    );
    return sumMeters(
      meters.map(({ agent, tree, publishes, published, read, rendered, fullHistory, price }) => ({
        agent,
        tree,
        publishes: Number(publishes),
        published: Number(published?.tokens ?? 0),
        read: Number(read?.tokens ?? 0),
        rendered: Number(rendered?.tokens ?? 0),
        fullHistory: Number(fullHistory?.tokens ?? 0),
        price: price?.contextCached ?? 0,
        fullHistoryPrice: price?.fullHistoryCached ?? 0,
      })),
    );
  }

  /** What taking back a revision with all that was derived from it would do. Changes nothing. */
  async report(revision: number, signal: AbortSignal): Promise<CascadeReport> {
    const target = { case: 'revision', value: BigInt(revision) } as const;
    const request = { forest: this.#forest, target, cascade: Cascade.REPORT };
    const { cascade } = await this.#context.revert(request, { signal });
    return {
      undone: (cascade?.undone ?? []).map(({ revision, author, label, hops }) => ({
        revision: Number(revision),
        author,
        label,
        hops,
      })),
      undoneTotal: Number(cascade?.undoneTotal ?? 0),
      staying: (cascade?.notUndone ?? []).map(({ path, revision }) => ({ path, revision: Number(revision) })),
      stayingTotal: Number(cascade?.notUndoneTotal ?? 0),
      ghostsTotal: Number(cascade?.ghostsTotal ?? 0),
    };
  }

  /** Takes a revision back with all that was derived from it. */
  async cascade(revision: number, reason: string, author: string): Promise<void> {
    const target = { case: 'revision', value: BigInt(revision) } as const;
    await this.#context.revert({
      forest: this.#forest,
      target,
      reason,
      author,
      cascade: Cascade.ALL,
    });
  }

  #trace(
    path: string,
    revision: number,
    direction: TraceDirection,
    signal: AbortSignal,
  ): Promise<TraceResponse> {
    const start = { case: 'revision', value: BigInt(revision) } as const;
    const request = { forest: this.#forest, path, direction, start, pageSize: entriesAsked };
    return this.#context.trace(request, { signal });
  }
}

function tracedOf<Entry>(answer: TraceResponse, entries: readonly Entry[]): Traced<Entry> {
  const start = answer.start === undefined ? undefined : readEvent(answer.start);
  return { start, entries, hasMore: answer.nextPageToken !== '' };
}

const extents: Readonly<Record<number, Seen['extent']>> = {
  [BasisExtent.NODE]: 'node',
  [BasisExtent.SUBTREE]: 'subtree',
  [BasisExtent.ABSENT]: 'absent',
};

const standings: Readonly<Record<number, Standing>> = {
  [SeenStanding.UNCHANGED]: 'unchanged',
  [SeenStanding.CHANGED]: 'changed',
  [SeenStanding.REVERTED]: 'reverted',
  [SeenStanding.GONE]: 'gone',
};

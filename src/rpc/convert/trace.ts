/** Parts of a trace as clients see them. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { unreachable } from '../../base/assert.ts';
import { traceChangesMax, traceLinksMax, traceStandingPathsMax } from '../../base/limits.ts';
import { ChangeSchema } from '../../gen/hyperloom/v1/event_pb.ts';
import type { Change as ChangeMessage, Event as EventMessage } from '../../gen/hyperloom/v1/event_pb.ts';
import { type BasisEntrySchema, DeleteScope } from '../../gen/hyperloom/v1/operation_pb.ts';
import {
  SeenStanding as SeenStandingNumber,
  type GhostDiff,
  GhostDiffSchema,
  type TraceEntry,
  TraceEntrySchema,
} from '../../gen/hyperloom/v1/trace_pb.ts';
import type { Derived } from '../../provenance/downstream.ts';
import type { Made, Recorded } from '../../provenance/made.ts';
import type { Sight } from '../../provenance/sight.ts';
import type { Seen } from '../../provenance/upstream.ts';
import type { BasisEntry } from '../../state/command.ts';
import { eventsOf } from '../../state/describe.ts';
import type { Change, ForestEvent } from '../../state/event.ts';
import { formatPath } from '../../trie/path.ts';
import { basisMessage } from './basis.ts';
import { eventHead } from './event.ts';
import { nodeMessage, nodeOverheadBytes, toldBytes } from './node.ts';
import { valueMessage } from './value-message.ts';

const standings = {
  unchanged: SeenStandingNumber.UNCHANGED,
  changed: SeenStandingNumber.CHANGED,
  reverted: SeenStandingNumber.REVERTED,
  gone: SeenStandingNumber.GONE,
} as const;

/** Something that was seen. */
export function seenEntry(
  { read, path, located, standing, reader, hops }: Seen,
  keysOnly: boolean,
): TraceEntry {
  const node = located === null ? {} : { node: nodeMessage(path, located, keysOnly ? null : valueMessage) };
  const { revision, diff } = named(reader);
  return create(TraceEntrySchema, {
    hops,
    entry: {
      case: 'seen',
      value: {
        basis: { ...readMessage(read), path: formatPath(path) },
        ...node,
        standing: standings[standing],
        readerRevision: revision,
        ...(diff === null ? {} : { readerDiff: diff }),
      },
    },
  });
}

/** A publish that was derived; `null` where the journal does not tell of it any more. */
export async function derivedEntry({ made, hops, links }: Derived, sight: Sight): Promise<TraceEntry | null> {
  const loaded = await sight.loader.load(made.position);
  if (loaded === null) return null;
  const event = toldEvent(loaded.recorded, made.layer);
  if (event === null) return null;
  const told = links.slice(0, traceLinksMax).map(({ read, writer }) => {
    const { revision, diff } = named(writer);
    return {
      basis: readMessage(read),
      writerRevision: revision,
      ...(diff === null ? {} : { writerDiff: diff }),
    };
  });
  const standingPaths = await sight.standingPaths(made, traceStandingPathsMax);
  const value = { event, links: told, standingPaths: standingPaths.map(formatPath) };
  return create(TraceEntrySchema, { hops, entry: { case: 'derived', value } });
}

/** The publish that a trace begins with. */
export function startMessage(recorded: Recorded): EventMessage {
  const { command } = recorded.proposal;
  const layer = command.kind === 'publish' ? command.ghostId : recorded.effects.parentId;
  const event = toldEvent(recorded, layer);
  if (event === null) throw new TypeError(`a trace began with ${command.kind}, which tells of nothing`);
  return event;
}

/** Bytes of an entry, about. */
export function toldSize({ entry }: TraceEntry): number {
  if (entry.case === 'seen') return 128 + (entry.value.node === undefined ? 0 : toldBytes(entry.value.node));
  if (entry.case !== 'derived') return nodeOverheadBytes;
  const { event, links, standingPaths } = entry.value;
  return 128 + 128 * ((event?.changes.length ?? 0) + links.length + standingPaths.length);
}

/** What was read. A copy in a ghost reads between two diffs, which is told as the first of them. */
function readMessage(read: BasisEntry): MessageInitShape<typeof BasisEntrySchema> {
  return basisMessage(read.sequence === undefined ? read : { ...read, sequence: Math.floor(read.sequence) });
}

/** A publish by its revision, or by its ghost and number. */
function named({ layer, at }: Made): { readonly revision: bigint; readonly diff: GhostDiff | null } {
  if (layer === '') return { revision: BigInt(at), diff: null };
  return { revision: 0n, diff: create(GhostDiffSchema, { ghostId: layer, sequence: BigInt(at) }) };
}

/** The event of a publish, without values; as the ghost `layer` sees it where it is staged there. */
function toldEvent({ proposal, effects }: Recorded, layer: string): EventMessage | null {
  const events = eventsOf(proposal, effects, null);
  const isStaged = (event: ForestEvent): boolean =>
    event.ghostId === layer && event.transition?.kind === 'staged';
  const event = (layer === '' ? undefined : events.find(isStaged)) ?? events[0];
  if (event === undefined) return null;
  const message = eventHead(event, false);
  message.changes = event.changes.slice(0, traceChangesMax).map(changeWithoutValue);
  return message;
}

function changeWithoutValue({ operation, author }: Change): ChangeMessage {
  return create(ChangeSchema, { path: formatPath(operation.path), author, action: actionOf(operation) });
}

function actionOf(
  operation: Change['operation'],
): NonNullable<MessageInitShape<typeof ChangeSchema>['action']> {
  switch (operation.kind) {
    case 'put':
      return { case: 'put', value: {} };
    case 'append':
    case 'append_message':
      return { case: 'append', value: {} };
    case 'merge':
    case 'merge_message':
      return { case: 'merge', value: {} };
    case 'increment':
    case 'increment_field':
      return { case: 'increment', value: {} };
    case 'delete': {
      const scope = operation.scope === 'node' ? DeleteScope.NODE : DeleteScope.SUBTREE;
      return { case: 'delete', value: { scope } };
    }
    case 'copy': {
      const sourceRevision = BigInt(operation.sourceRevision);
      return { case: 'copy', value: { sourcePath: formatPath(operation.source), sourceRevision } };
    }
    default:
      return unreachable(operation);
  }
}

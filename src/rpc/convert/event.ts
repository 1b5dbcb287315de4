/** Events as clients see them. A large one becomes several messages, which are to be taken together. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { eventPartBytesMax, eventPartChangesMax } from '../../base/limits.ts';
import {
  type Change as ChangeMessage,
  ChangeSchema,
  type Event as EventMessage,
  EventSchema,
  GhostTransitionKind,
  type GhostTransitionSchema,
} from '../../gen/hyperloom/v1/event_pb.ts';
import { GhostState } from '../../gen/hyperloom/v1/ghost_pb.ts';
import type { Change, ForestEvent, Transition } from '../../state/event.ts';
import { editionOf } from '../../state/ghosts/edition.ts';
import { operationBytes } from '../../state/values/operate.ts';
import { locate } from '../../trie/lookup.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { basisRevertedMessages } from './cascade.ts';
import { basisMessage } from './basis.ts';
import { newStandingMessage } from './gate.ts';
import { type CountChildren, nodeMessage, toldBytes } from './node.ts';
import { actionOf } from './operation.ts';
import type { TellValue } from './value-message.ts';

/** What is told beside the operations. */
export interface EventDetail {
  readonly withResult: boolean;
  readonly withPrevious: boolean;
  readonly withBasis: boolean;
  /** Whom it tells that a revert took back what it had read; `null`: everybody. Empty: nobody. */
  readonly agent: string | null;
  /** How values are told: before the event, and by it and after it. */
  readonly before: TellValue;
  readonly after: TellValue;
  /** Whether nodes before and after a change may be told, and where a copy came from; absent: all. */
  readonly shows?: ((path: Path) => boolean) | undefined;
  /** How many children nodes are told to have; absent: all of them. */
  readonly countChildren?: CountChildren | undefined;
}

const transitionKinds = {
  begun: GhostTransitionKind.BEGUN,
  staged: GhostTransitionKind.STAGED,
  checkpointed: GhostTransitionKind.CHECKPOINTED,
  rewound: GhostTransitionKind.REWOUND,
  reverted: GhostTransitionKind.REVERTED,
  committed: GhostTransitionKind.COMMITTED,
  expired: GhostTransitionKind.EXPIRED,
  commit_requested: GhostTransitionKind.COMMIT_REQUESTED,
  approved: GhostTransitionKind.APPROVED,
} as const;

/** The messages that tell an event with some of its changes; one, unless they are many or large. */
export function eventMessages(
  event: ForestEvent,
  changes: readonly Change[],
  detail: EventDetail,
): EventMessage[] {
  const parts = split(event, changes, detail);
  return parts.map((part, index) => {
    const message = eventHead(event, index === 0 && detail.withBasis, index === 0 ? detail.agent : '');
    message.changes = part;
    message.partsLeft = parts.length - 1 - index;
    return message;
  });
}

/** An event without its changes. */
export function eventHead(event: ForestEvent, withBasis: boolean, agent: string | null = ''): EventMessage {
  const message = create(EventSchema, {
    revision: BigInt(event.revision),
    position: BigInt(event.position),
    time: timestampFromMs(event.timeMs),
    author: event.author,
    label: event.label,
    ghostId: event.ghostId,
    requestId: event.requestId,
    revertedRevision: BigInt(event.revertedRevision),
    leaseId: event.leaseId,
    traceParent: event.traceParent ?? '',
    ...(withBasis ? { basis: event.basis.map(basisMessage) } : {}),
    ...(event.basisReverted === undefined ? {} : { basisReverted: basisRevertedMessages(event, agent) }),
    ...(event.transition === null ? {} : { transition: transitionMessage(event.transition, event) }),
  });
  return message;
}

/** Size of an event's messages, about. */
export function eventBytes(event: ForestEvent, changes: readonly Change[]): number {
  let bytes = 128 + event.label.length + event.basis.length * 64;
  for (const { operation } of changes) bytes += operationBytes(operation) + 32;
  for (const { revisions, ghostIds, basis } of event.basisReverted?.agents ?? [])
    bytes += 64 + revisions.length * 8 + ghostIds.length * 32 + basis.length * 64;
  return bytes;
}

function changeMessage(change: Change, event: ForestEvent, detail: EventDetail): ChangeMessage {
  const { path } = change.operation;
  const message = create(ChangeSchema, {
    path: formatPath(path),
    author: change.author,
    action: actionOf(change, detail.after),
  });
  const { operation } = change;
  if (
    message.action.case === 'copy' &&
    operation.kind === 'copy' &&
    detail.shows?.(operation.source) === false
  )
    message.action.value.sourcePath = '';
  const { roots } = event;
  if (roots === null || detail.shows?.(path) === false) return message;
  const after = detail.withResult ? locate(roots.after, path) : undefined;
  if (after !== undefined) message.result = nodeMessage(path, after, detail.after, detail.countChildren);
  const before = detail.withPrevious ? locate(roots.before, path) : undefined;
  if (before !== undefined) message.previous = nodeMessage(path, before, detail.before, detail.countChildren);
  return message;
}

function split(event: ForestEvent, changes: readonly Change[], detail: EventDetail): ChangeMessage[][] {
  const parts: ChangeMessage[][] = [];
  let part: ChangeMessage[] = [];
  let bytes = 0;
  for (const change of changes) {
    const message = changeMessage(change, event, detail);
    const size = changeBytes(change, message);
    if (part.length > 0 && (bytes + size > eventPartBytesMax || part.length >= eventPartChangesMax)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  return [...parts, part];
}

/** Size of a change's message, about: JSON may be larger than the message that it tells. */
function changeBytes({ operation }: Change, { action, result, previous }: ChangeMessage): number {
  const json =
    action.case === 'put' && action.value.kind.case === 'json' ? action.value.kind.value.length : 0;
  const own = Math.max(operationBytes(operation), json) + 32;
  const nodes = [result, previous].filter((node) => node !== undefined);
  return nodes.reduce((sum, node) => sum + toldBytes(node), own);
}

function transitionMessage(
  transition: Transition,
  event: ForestEvent,
): MessageInitShape<typeof GhostTransitionSchema> {
  const { kind, checkpoint, reason, droppedOperations, sequence, begun, reviewer } = transition;
  const told = {
    kind: transitionKinds[kind],
    checkpoint,
    reason,
    droppedOperations: BigInt(droppedOperations),
    sequence: BigInt(sequence),
    reviewer,
  };
  if (begun === null) return told;
  const ghost = {
    id: event.ghostId,
    scope: formatPath(begun.scope),
    baseRevision: BigInt(begun.baseRevision),
    parentGhostId: begun.parentId,
    label: event.label,
    author: event.author,
    state: GhostState.LIVE,
    sequence: BigInt(sequence),
    ttl: durationFromMs(begun.ttlMs),
    beginTime: timestampFromMs(event.timeMs),
    edition: BigInt(editionOf({ run: begun.run, sequence, attemptsMade: 0 })),
    gates: begun.gates.map(newStandingMessage),
    leaseId: begun.leaseId,
    migrationSchema: begun.migration,
    ...(begun.raceId === '' ? {} : { race: { race: { id: begun.raceId } } }),
  };
  return { ...told, ghost };
}

/** Events as programs see them: something that happened in a forest. Immutable. */
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type * as wire from './gen/hyperloom/v1/event_pb.ts';
import { GhostTransitionKind as WireKind } from './gen/hyperloom/v1/event_pb.ts';
import {
  DeleteScope as WireDeleteScope,
  type Append,
  type Increment,
  type Merge,
} from './gen/hyperloom/v1/operation_pb.ts';
import { readBasisEntry, type BasisEntry } from './basis.ts';
import { readBasisReverted, type BasisReverted } from './cascade.ts';
import { readGhost, type GhostInfo } from './ghost-info.ts';
import type { JsonValue } from './json.ts';
import { readNodeOrUndefined, type Node } from './node.ts';
import type { DeleteScope } from './operation.ts';
import { readJson, readText, readValue, TypedMessage, type Value, type ValueKind } from './value.ts';

/** What an event did to a ghost. */
export type GhostTransitionKind =
  | 'begun'
  | 'staged'
  | 'checkpointed'
  | 'rewound'
  | 'reverted'
  | 'committed'
  | 'expired'
  /** Its commit was asked for and waits for reviewers. */
  | 'commit_requested'
  /** A reviewer approved it. A rejection is a return to a checkpoint, with its reason. */
  | 'approved';

/** What an event did to a ghost, with the circumstances. */
export interface GhostTransition {
  readonly kind: GhostTransitionKind;
  /** The checkpoint made or gone back to. Empty for others. */
  readonly checkpoint: string;
  /** Why, for reverts. */
  readonly reason: string;
  /** For `begun`: the new ghost. */
  readonly ghost: GhostInfo | undefined;
  /** For reverts: how many staged operations were dropped. */
  readonly droppedOperations: number;
  /** The ghost's newest diff. */
  readonly sequence: number;
  /** For approvals, and for returns to a checkpoint that a rejection has brought about: who decided. Empty for others. */
  readonly reviewer: string;
}

/** What was done to a path. */
export type Action =
  | {
      readonly action: 'put';
      readonly kind: ValueKind;
      readonly value: Value | undefined;
      readonly json: string | undefined;
    }
  | {
      readonly action: 'append';
      readonly addition: string | Uint8Array | readonly JsonValue[] | TypedMessage;
      /** The exact JSON text of each item, where items were appended. */
      readonly json?: readonly string[] | undefined;
    }
  /**
   * `mask`: the fields of a message that counted; empty where what the patch has set was merged. `json`: the exact text of a patch in
   * JSON.
   */
  | {
      readonly action: 'merge';
      readonly patch: JsonValue | TypedMessage;
      readonly mask: readonly string[];
      readonly json?: string | undefined;
    }
  /** `field`: the one of a message that was added to; empty where the value is a number itself. */
  | {
      readonly action: 'increment';
      readonly amount: bigint | number;
      readonly field: string;
      readonly sum: JsonValue;
    }
  | { readonly action: 'delete'; readonly scope: DeleteScope }
  | { readonly action: 'copy'; readonly source: string; readonly sourceRevision: number };

/** One operation as it took effect. `action` tells which. */
export type Change = Action & {
  readonly path: string;
  /** Who staged it, where that is not the event's author. */
  readonly author: string;
  /** The node afterwards; with `detail: 'result'`. */
  readonly result: Node | undefined;
  /** The node before; with `includePrevious`. */
  readonly previous: Node | undefined;
};

/** Something that happened. */
export interface Event {
  /** The trunk revision it made; 0 for events inside ghosts. */
  readonly revision: number;
  /** Its place in the forest's journal. Grows, but not by one. */
  readonly position: number;
  readonly time: Date;
  readonly author: string;
  readonly label: string;
  /** The ghost it happened in or ended. Empty on plain trunk events. */
  readonly ghostId: string;
  readonly transition: GhostTransition | undefined;
  readonly changes: readonly Change[];
  /** What its author had read: in `history`, and in subscriptions on request. */
  readonly basis: readonly BasisEntry[];
  readonly requestId: string;
  /** The trunk revision whose inverse it wrote; 0 for others. */
  readonly revertedRevision: number;
  /** The lease whose end deleted what was bound to it; empty for others. */
  readonly leaseId: string;
  /** The W3C trace context of the call that did it (`traceparent`). Absent where there was none. */
  readonly traceParent?: string;
  /** Of a revert: agents that had read what it took back; in a subscription only the one that it is for. */
  readonly basisReverted?: readonly BasisReverted[];
}

/** Reads an event from its message, or from the parts that a large one came in. */
export function readEvent(first: wire.Event, further: readonly wire.Event[] = []): Event {
  const { revision } = first;
  const changes = first.changes.map((change) => readChange(change, revision));
  const basis = first.basis.map(readBasisEntry);
  for (const part of further) {
    changes.push(...part.changes.map((change) => readChange(change, revision)));
    basis.push(...part.basis.map(readBasisEntry));
  }
  return {
    revision: Number(revision),
    position: Number(first.position),
    time: first.time === undefined ? new Date(0) : timestampDate(first.time),
    author: first.author,
    label: first.label,
    ghostId: first.ghostId,
    transition: first.transition === undefined ? undefined : readTransition(first.transition),
    changes,
    basis,
    requestId: first.requestId,
    revertedRevision: Number(first.revertedRevision),
    leaseId: first.leaseId,
    ...(first.traceParent === '' ? {} : { traceParent: first.traceParent }),
    ...(first.basisReverted.length === 0
      ? {}
      : { basisReverted: first.basisReverted.map(readBasisReverted) }),
  };
}

function readChange(change: wire.Change, revision: bigint): Change {
  return {
    path: change.path,
    author: change.author,
    result: readNodeOrUndefined(change.result, revision),
    previous: readNodeOrUndefined(change.previous, revision),
    ...readAction(change.action),
  };
}

function readAction(action: wire.Change['action']): Action {
  switch (action.case) {
    case 'put':
      return { action: 'put', ...readValue(action.value) };
    case 'append':
      return { action: 'append', addition: readAddition(action.value), json: itemTexts(action.value) };
    case 'merge':
      return { action: 'merge', ...readMerge(action.value) };
    case 'increment':
      return {
        action: 'increment',
        amount: readAmount(action.value.increment),
        field: action.value.increment?.field ?? '',
        sum: readPresent(action.value.resultJson),
      };
    case 'delete':
      return { action: 'delete', scope: action.value.scope === WireDeleteScope.NODE ? 'node' : 'subtree' };
    case 'copy':
      return {
        action: 'copy',
        source: action.value.sourcePath,
        sourceRevision: Number(action.value.sourceRevision),
      };
    default: // From a newer broker: something was set that this version does not know.
      return { action: 'put', kind: 'none', value: undefined, json: undefined };
  }
}

function readAddition({ addition }: Append): string | Uint8Array | readonly JsonValue[] | TypedMessage {
  switch (addition.case) {
    case 'items':
      return addition.value.json.map(readJson);
    case 'message':
      return new TypedMessage(addition.value.typeUrl, addition.value.value);
    default:
      return addition.value ?? '';
  }
}

function itemTexts({ addition }: Append): readonly string[] | undefined {
  return addition.case === 'items' ? addition.value.json.map(readText) : undefined;
}

function readMerge({
  jsonPatch,
  message,
  mask,
}: Merge): Omit<Extract<Action, { action: 'merge' }>, 'action'> {
  return message === undefined
    ? { patch: readPresent(jsonPatch), mask: [], json: readText(jsonPatch) }
    : { patch: new TypedMessage(message.typeUrl, message.value), mask: mask?.paths ?? [], json: undefined };
}

/** JSON, or `null` where an event is told without values, as in a trace. */
function readPresent(bytes: Uint8Array): JsonValue {
  return bytes.length === 0 ? null : readJson(bytes);
}

function readAmount(increment: Increment | undefined): bigint | number {
  return increment?.amount.value ?? 0;
}

function readTransition(transition: wire.GhostTransition): GhostTransition {
  return {
    kind: transitionNames[transition.kind] ?? 'staged',
    checkpoint: transition.checkpoint,
    reason: transition.reason,
    ghost: transition.ghost === undefined ? undefined : readGhost(transition.ghost),
    droppedOperations: Number(transition.droppedOperations),
    sequence: Number(transition.sequence),
    reviewer: transition.reviewer,
  };
}

const transitionNames: Readonly<Record<number, GhostTransitionKind>> = {
  [WireKind.BEGUN]: 'begun',
  [WireKind.STAGED]: 'staged',
  [WireKind.CHECKPOINTED]: 'checkpointed',
  [WireKind.REWOUND]: 'rewound',
  [WireKind.REVERTED]: 'reverted',
  [WireKind.COMMITTED]: 'committed',
  [WireKind.EXPIRED]: 'expired',
  [WireKind.COMMIT_REQUESTED]: 'commit_requested',
  [WireKind.APPROVED]: 'approved',
};

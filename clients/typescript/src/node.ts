/** Nodes as programs see them. */
import { durationMs, type Duration } from '@bufbuild/protobuf/wkt';
import type { Node as WireNode } from './gen/hyperloom/v1/node_pb.ts';
import { readValue, type Value, type ValueKind } from './value.ts';
import { readFormProblem, type FormProblem } from './value-view.ts';

/** A path and what is known of it at one revision, on the trunk or in a ghost. Immutable. */
export interface Node {
  /** Absolute path, such as `/session_1/memory/notes`. */
  readonly path: string;
  /** Tells a text from a JSON string; `none` where the node has only children or values were not asked for. */
  readonly kind: ValueKind;
  /** The value, parsed. Integers beyond 2^53 are bigints. */
  readonly value: Value | undefined;
  /** The exact JSON text, where the value is JSON. */
  readonly json: string | undefined;
  /** Why it is a message although JSON was asked for; `undefined` otherwise. */
  readonly formProblem: FormProblem | undefined;
  /**
   * Trunk revision of the view in which it was read; in a ghost the one that it stands on. In an event that event's; in a line of `blame`, and of what
   * an agent had seen, that of its last change. 0 in conflicts and differences, whose sides are not of one view.
   */
  readonly revision: number;
  /** Revision that created the node. 0 when it was created in a ghost that is not committed. */
  readonly createdRevision: number;
  /** Revision that last changed the value. 0 when the last change is staged in a ghost. */
  readonly modifiedRevision: number;
  /** Number of changes since the node was created, from 1; 0 without a value. */
  readonly version: number;
  /** Who made the last change. */
  readonly author: string;
  /** Revision of the last change here or below. */
  readonly subtreeRevision: number;
  /** In a ghost: the ghost's diff that last changed the node; 0 for what comes from the base. */
  readonly stagedSequence: number;
  /** Number of direct children. */
  readonly childCount: number;
  /** Size of the value. */
  readonly valueBytes: number;
  /** The lease that it is bound to; empty for most. Only told of the newest trunk. */
  readonly leaseId: string;
  /** How old the view may be in which it was read, in milliseconds; see {@link Aged}. `undefined` also in events. */
  readonly ageMs?: number | undefined;
}

/** What is read where several brokers share a journal may be behind what another one has acknowledged. */
export interface Aged {
  /**
   * How old it may be at most, in milliseconds: what any broker had acknowledged that long before the answer is in it. It grows while the journal is
   * away. `undefined` where it was the newest when it was asked for: of a single broker, and of a read that waited for all that was
   * acknowledged (`linearizable`); and where a revision or a ghost was asked for.
   */
  readonly ageMs?: number | undefined;
}

/** Reads a node from its message, as it was in a view of that revision. */
export function readNode(wire: WireNode, revision: bigint | number, ageMs?: number): Node {
  const { kind, value, json } = readValue(wire.value);
  return {
    path: wire.path,
    kind,
    value,
    json,
    formProblem: readFormProblem(wire.value?.formProblem),
    revision: Number(revision),
    createdRevision: Number(wire.createdRevision),
    modifiedRevision: Number(wire.modifiedRevision),
    version: Number(wire.version),
    author: wire.author,
    subtreeRevision: Number(wire.subtreeRevision),
    stagedSequence: Number(wire.stagedSequence),
    childCount: Number(wire.childCount),
    valueBytes: Number(wire.valueBytes),
    leaseId: wire.leaseId,
    ageMs,
  };
}

/** How old an answer says that it may be, in milliseconds. */
export function readAge(age: Duration | undefined): number | undefined {
  return age === undefined ? undefined : durationMs(age);
}

/** Reads a node that may be unset. */
export function readNodeOrUndefined(wire: WireNode | undefined, revision: bigint | number): Node | undefined {
  return wire === undefined ? undefined : readNode(wire, revision);
}

/** The same paths at one revision. */
export interface NodesAtRevision extends Aged {
  /** In the order asked for; nodes that do not exist are left out. */
  readonly nodes: readonly Node[];
  /** Trunk revision of the view. */
  readonly revision: number;
}

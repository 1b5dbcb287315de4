/** Builders of operations and preconditions, named as the verbs of a client. */
import type { HyperloomError } from './errors.ts';
import type { Json, JsonValue } from './json.ts';
import { encodableValue, jsonText, TypedMessage, type EncodableValue, type PutValue } from './value.ts';

/** How far a removal goes: the node and all below it, or its own value only. */
export type DeleteScope = 'subtree' | 'node';

/** An addition to the end of a text, of bytes, of a JSON array, or of the repeated fields of a message. */
export type Addition = string | Uint8Array | readonly (JsonValue | Json)[] | TypedMessage;

/** A number to add: an integer or bigint is exact in 64 bits, `{ real }` and fractions are doubles. */
export type Amount = number | bigint | { readonly real: number };

/** A lease by its id: a `Lease` is one. */
export interface LeaseReference {
  readonly id: string;
  /** Why nothing may be bound to it any more, where this process knows. Not for programs. */
  refusal?(): HyperloomError | undefined;
}

/** One change of one path. Made by the builders in {@link operation}; immutable. */
export type Operation =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly value: EncodableValue;
      readonly leaseId: string;
      readonly lease?: LeaseReference | undefined;
    }
  | { readonly kind: 'append_text'; readonly path: string; readonly text: string }
  | { readonly kind: 'append_bytes'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'append_items'; readonly path: string; readonly items: readonly string[] }
  | { readonly kind: 'append_message'; readonly path: string; readonly message: TypedMessage }
  | { readonly kind: 'merge'; readonly path: string; readonly patch: string }
  | {
      readonly kind: 'merge_message';
      readonly path: string;
      readonly message: TypedMessage;
      readonly mask: readonly string[];
    }
  | {
      readonly kind: 'increment';
      readonly path: string;
      readonly amount: bigint | number;
      readonly field: string;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly scope: DeleteScope }
  | {
      readonly kind: 'copy';
      readonly path: string;
      readonly source: string;
      readonly sourceRevision: number;
    };

/** Why none of these can be published: a node is to be bound to a lease that this process knows to be over. */
export function refusalOf(operations: readonly Operation[]): HyperloomError | undefined {
  for (const each of operations) {
    const refusal = each.kind === 'put' ? each.lease?.refusal?.() : undefined;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Builds operations for `publish`. */
export const operation = {
  /** Sets the value; the node is created if needed. With a lease it is bound to it, without one it is not any more. */
  put(path: string, value: PutValue, lease?: LeaseReference): Operation {
    return { kind: 'put', path, value: encodableValue(value), leaseId: lease?.id ?? '', lease };
  },
  /**
   * Adds to the end of a text, bytes or a JSON array, without sending or reading what is there; or, given a message, what its repeated
   * fields hold to those of the node's.
   */
  append(path: string, addition: Addition): Operation {
    if (typeof addition === 'string') return { kind: 'append_text', path, text: addition };
    if (addition instanceof Uint8Array) return { kind: 'append_bytes', path, bytes: addition };
    if (addition instanceof TypedMessage) return { kind: 'append_message', path, message: addition };
    return { kind: 'append_items', path, items: addition.map(jsonText) };
  },
  /**
   * Merges into a JSON object as RFC 7396 says: keys with `null` are removed. Or merges a message into a message: with a mask of names of the
   * proto, such as `origin.url`, those fields become what the patch says, and are cleared where it has not set them; without one, what is set in
   * it is merged as Protobuf merges, which appends to repeated fields.
   */
  merge(path: string, patch: JsonValue | Json | TypedMessage, mask: readonly string[] = []): Operation {
    if (patch instanceof TypedMessage) return { kind: 'merge_message', path, message: patch, mask };
    if (mask.length > 0) throw new TypeError('only a merge into a message has a mask');
    return { kind: 'merge', path, patch: jsonText(patch) };
  },
  /**
   * Adds to a number. A `bigint` amount is exact within int64, a `number` one a double. With a field, by its name in the proto, to that of
   * a message.
   */
  increment(path: string, amount: Amount = 1, field = ''): Operation {
    if (typeof amount === 'object') return { kind: 'increment', path, amount: amount.real, field };
    if (typeof amount === 'bigint')
      return { kind: 'increment', path, amount: BigInt.asIntN(64, checkInt64(amount)), field };
    const exact = Number.isSafeInteger(amount) ? BigInt(amount) : amount;
    return { kind: 'increment', path, amount: exact, field };
  },
  /** Removes the node and all below it, or its own value only. */
  delete(path: string, scope: DeleteScope = 'subtree'): Operation {
    return { kind: 'delete', path, scope };
  },
  /** Puts a copy of another subtree here. Revision 0: the source as this diff sees it. */
  copy(source: string, target: string, sourceRevision = 0): Operation {
    return { kind: 'copy', path: target, source, sourceRevision };
  },
} as const;

/** Something that must hold at the moment the diff takes effect, or nothing of it does. */
export type Precondition =
  | { readonly kind: 'presence'; readonly path: string; readonly present: boolean }
  | { readonly kind: 'modified_revision'; readonly path: string; readonly revision: number }
  | { readonly kind: 'version'; readonly path: string; readonly version: number }
  | { readonly kind: 'subtree_unchanged_since'; readonly path: string; readonly revision: number }
  | {
      readonly kind: 'field';
      readonly path: string;
      readonly target: { readonly field: string } | { readonly pointer: string };
      readonly expectation: { readonly isSet: boolean } | { readonly json: string };
    };

/** What a part of a value must be: whether it is set, or what it is equal to. */
export type Expectation<Part> = { readonly isSet: boolean } | { readonly equals: Part };

/** Builds preconditions for `publish`. */
export const precondition = {
  /** The node is there: it has a value or children. */
  present(path: string): Precondition {
    return { kind: 'presence', path, present: true };
  },
  /** The node is not there. */
  absent(path: string): Precondition {
    return { kind: 'presence', path, present: false };
  },
  /** The node's own value was last changed at this revision; 0: it has none on the trunk. */
  modifiedRevision(path: string, revision: number): Precondition {
    return { kind: 'modified_revision', path, revision };
  },
  /** The node has this version. Works in ghosts too. */
  version(path: string, version: number): Precondition {
    return { kind: 'version', path, version };
  },
  /** Nothing at or below the path changed after this revision. */
  subtreeUnchangedSince(path: string, revision: number): Precondition {
    return { kind: 'subtree_unchanged_since', path, revision };
  },
  /**
   * What a field of a message is, by its name in the proto, such as `origin.url`: a single field that is no message, in ProtoJSON. The path must be
   * one that a schema binds.
   */
  field(path: string, field: string, expected: Expectation<JsonValue | Json>): Precondition {
    return { kind: 'field', path, target: { field }, expectation: expectationOf(expected) };
  },
  /** What a part of a JSON value is, by an RFC 6901 pointer such as `/steps/0/state`; empty: all of it. */
  pointer(path: string, pointer: string, expected: Expectation<JsonValue | Json>): Precondition {
    return { kind: 'field', path, target: { pointer }, expectation: expectationOf(expected) };
  },
} as const;

function expectationOf(
  expected: Expectation<JsonValue | Json>,
): { readonly isSet: boolean } | { readonly json: string } {
  return 'isSet' in expected ? { isSet: expected.isSet } : { json: jsonText(expected.equals) };
}

function checkInt64(amount: bigint): bigint {
  if (amount !== BigInt.asIntN(64, amount))
    throw new RangeError(`${amount} does not fit a signed 64-bit integer`);
  return amount;
}

/** What a node can hold. */

/**
 * How `data` is to be read:
 * - `json`: JSON text, exactly as it was put.
 * - `items`: a JSON array that is being appended to: its text without the closing bracket, so that an append is a
 *   concatenation whatever the length. The engine keeps such strings as ropes.
 * - `text`: text.
 * - `bytes`, `message`: one character a byte (0–255). A string takes a third of the memory of a `Uint8Array` of this size.
 */
export type ValueKind = 'json' | 'items' | 'text' | 'bytes' | 'message';

/** A value. Immutable. */
export interface Value {
  readonly kind: ValueKind;
  readonly data: string;
  /** Size in bytes as a client sees it (UTF-8 for text). */
  readonly bytes: number;
  /** For `message`: the type URL. Empty for all others. */
  readonly type: string;
}

/** The JSON text of a `json` or `items` value. */
export function jsonText(value: Value): string {
  return value.kind === 'items' ? `${value.data}]` : value.data;
}

/** What a node with a value carries. Immutable; shared between all versions of the trie that contain it. */
export interface Entry extends Value {
  /** Stamp of the change that created the node. */
  readonly created: number;
  /** Stamp of the last change of the value. */
  readonly modified: number;
  /**
   * Stamp of the last change that does not commute with appends and increments; 0 if there was none, which is so for
   * nodes that an append or an increment created.
   */
  readonly assigned: number;
  /** Number of changes since creation, from 1. */
  readonly version: number;
  readonly author: string;
}

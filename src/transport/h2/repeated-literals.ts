/**
 * Fields that a peer sends with each request and does not add to the table: Node, curl and all else that stands on nghttp2 do so with paths
 * and credentials, so that no one who shares a connection can guess them by the size of what is sent. Their bytes are the same each time, and
 * comparing them takes a fifth of decoding them; and a text that comes again is the same string, which need not be hashed anew by those who
 * look it up.
 */
import type { Field } from './field.ts';
import { staticTable } from './static-table.ts';

/** Memory that the bytes of one connection take at most: a token of the longer kind, and a few paths. */
const bytesMax = 4_096;
const literalsMax = 8;
const names: ReadonlySet<string> = new Set([':path', 'authorization', 'user-agent']);
/** By index in the static table: what an index of the dynamic one means changes. */
const isRepeated = Uint8Array.from([false, ...staticTable.map(({ name }) => names.has(name))], Number);

interface Literal {
  readonly index: number;
  /** Of the value: its length and its octets, as they were sent. */
  readonly bytes: Uint8Array;
  readonly field: Field;
}

export class RepeatedLiterals {
  #literals: Literal[] = [];
  #bytes = 0;

  /** What begins at `start` where it came before with that name. */
  find(index: number, bytes: Uint8Array, start: number, end: number): Literal | undefined {
    if (isRepeated[index] !== 1) return undefined;
    for (const literal of this.#literals)
      if (literal.index === index && isAt(literal.bytes, bytes, start, end)) return literal;
    return undefined;
  }

  /** Remembers a literal, if its name is one of those that are sent again and again. */
  keep(index: number, bytes: Uint8Array, start: number, end: number, field: Field): void {
    const length = end - start;
    if (isRepeated[index] !== 1 || length > bytesMax) return;
    if (this.#literals.length === literalsMax || this.#bytes + length > bytesMax) {
      this.#literals = [];
      this.#bytes = 0;
    }
    this.#literals.push({ index, bytes: Uint8Array.prototype.slice.call(bytes, start, end), field });
    this.#bytes += length;
  }
}

function isAt(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = known;
  if (start + length > end) return false;
  for (let at = 0; at < length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}

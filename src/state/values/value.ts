/** What a node can hold. */
import { originAuthorsMax, originsPerAuthorMax } from '../../base/limits.ts';
import { LeafEntry } from '../../trie/node.ts';

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

/** When an entry came to be what it is. All are stamps but `version`. */
export interface EntryTimes {
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
}

/**
 * What a node with a value carries. Immutable; shared between all versions of the trie that contain it. A million of them are
 * what fills the memory, so what many have in common is one object for all, and one that was put once, with a byte for each
 * character, keeps one stamp instead of five numbers: 48 bytes, and 80 for all others.
 */
export abstract class Entry extends LeafEntry implements Value, EntryTimes {
  readonly data: string;
  readonly modified: number;
  readonly origin: Origin;
  abstract readonly bytes: number;
  abstract readonly created: number;
  abstract readonly assigned: number;
  abstract readonly version: number;

  constructor(data: string, modified: number, origin: Origin) {
    super();
    this.data = data;
    this.modified = modified;
    this.origin = origin;
  }

  get kind(): ValueKind {
    return this.origin.kind;
  }

  get type(): string {
    return this.origin.type;
  }

  get author(): string {
    return this.origin.author;
  }

  get touched(): number {
    return this.modified;
  }
}

/** An entry with these times. */
export function entryOf(value: Value, times: EntryTimes, author: string): Entry {
  const { created, modified, assigned, version } = times;
  const { data, bytes } = value;
  const origin = originOf(value.kind, value.type, author);
  if (version === 1 && created === modified && assigned === modified && bytes === data.length)
    return new FirstEntry(data, modified, origin);
  return new LaterEntry(value, times, origin);
}

/** A value that was put where none was, of a byte for each character. */
class FirstEntry extends Entry {
  get bytes(): number {
    return this.data.length;
  }

  get created(): number {
    return this.modified;
  }

  get assigned(): number {
    return this.modified;
  }

  get version(): number {
    return 1;
  }
}

class LaterEntry extends Entry {
  readonly bytes: number;
  readonly created: number;
  readonly assigned: number;
  readonly version: number;

  constructor(value: Value, { created, modified, assigned, version }: EntryTimes, origin: Origin) {
    super(value.data, modified, origin);
    this.bytes = value.bytes;
    this.created = created;
    this.assigned = assigned;
    this.version = version;
  }
}

/** What entries of one author have in common, as a rule. */
interface Origin {
  readonly kind: ValueKind;
  readonly type: string;
  readonly author: string;
}

/** By author, those of each kind and type. Which entries share one shows nowhere but in the memory that they take. */
const origins = new Map<string, Origin[]>();
let lastOrigin: Origin = { kind: 'json', type: '', author: '' };

function originOf(kind: ValueKind, type: string, author: string): Origin {
  if (lastOrigin.kind === kind && lastOrigin.author === author && lastOrigin.type === type) return lastOrigin;
  let known = origins.get(author);
  if (known === undefined || known.length >= originsPerAuthorMax) {
    if (origins.size >= originAuthorsMax) origins.clear();
    origins.set(author, (known = []));
  }
  let origin = known.find((one) => one.kind === kind && one.type === type);
  if (origin === undefined) {
    origin = { kind, type, author };
    known.push(origin);
  }
  lastOrigin = origin;
  return origin;
}

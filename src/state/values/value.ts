/** What a node can hold. */
import { originAuthorsMax, originsPerAuthorMax } from '../../base/limits.ts';
import { Slab } from '../../base/slab.ts';
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

/** Takes content out of the heap; see `value-store.ts`. */
export interface ContentStore {
  /** Place in its slab of what was added last. */
  readonly at: number;
  /** Takes the content of a value: returns its slab, `null` where it is better left a string. */
  add(value: Value): Slab | null;
}

/** Content that stays a string, and its size in bytes as a client sees it. */
export interface Loose {
  readonly data: string;
  readonly bytes: number;
}

/**
 * What a node with a value carries. Immutable to whoever reads it; shared between all versions of the trie that contain it. A
 * million of them are what fills the memory, so the content lies outside the heap where a store takes it, what many have in common
 * is one object for all, and one that was put once keeps one stamp instead of four numbers: 56 bytes, and 80 for all others.
 */
export abstract class Entry extends LeafEntry implements Value, EntryTimes {
  /** Where the content lies. Only the store moves it, as it is. */
  content: Slab | Loose;
  /** Its place in the slab. */
  at: number;
  readonly modified: number;
  readonly origin: Origin;
  abstract readonly created: number;
  abstract readonly assigned: number;
  abstract readonly version: number;

  constructor(content: Slab | Loose, at: number, modified: number, origin: Origin) {
    super();
    this.content = content;
    this.at = at;
    this.modified = modified;
    this.origin = origin;
  }

  /** Made anew at each call where it lies in a slab. */
  get data(): string {
    const { content } = this;
    return content instanceof Slab ? content.textAt(this.at) : content.data;
  }

  get bytes(): number {
    const { content } = this;
    return content instanceof Slab ? content.lengthAt(this.at) : content.bytes;
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

/** An entry with these times. Its content goes into `store`, where there is one and it takes it. */
export function entryOf(
  value: Value,
  times: EntryTimes,
  author: string,
  store: ContentStore | null = null,
): Entry {
  const { created, modified, assigned, version } = times;
  const origin = originOf(value.kind, value.type, author);
  const slab = store === null ? null : store.add(value);
  const content = slab ?? { data: value.data, bytes: value.bytes };
  const at = slab === null || store === null ? 0 : store.at;
  if (version === 1 && created === modified && assigned === modified)
    return new FirstEntry(content, at, modified, origin);
  return new LaterEntry(content, at, times, origin);
}

/** The same entry with a string for its content: for those who keep it longer than its tree, and must not keep its whole slab. */
export function entryApart(entry: Entry): Entry {
  return entryOf(entry, entry, entry.author);
}

/** A value that was put where none was. */
class FirstEntry extends Entry {
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
  readonly created: number;
  readonly assigned: number;
  readonly version: number;

  constructor(
    content: Slab | Loose,
    at: number,
    { created, modified, assigned, version }: EntryTimes,
    origin: Origin,
  ) {
    super(content, at, modified, origin);
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

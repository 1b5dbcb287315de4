/**
 * Which objects are which items of lists: a graph hands the same messages to each put, and what was written or read once need not be encoded
 * again. An object that was changed since is not recognised.
 */
import { copyAgain, copyOf } from './copies.ts';
import type { KnownItem } from './lists.ts';
import { witnessOf, type Witness } from './witness.ts';

/** What an object was when it became known. */
interface Known {
  readonly item: KnownItem;
  readonly witness: Witness;
}

export class ItemMemo {
  readonly #known = new WeakMap<object, Known>();
  /** Of items that were read: what all their readers' objects are. */
  readonly #read = new WeakMap<KnownItem, Known>();

  /** The item that a value is, if that is known. */
  itemOf(value: unknown): KnownItem | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const known = this.#known.get(value);
    return known?.witness.holds(value) === true ? known.item : undefined;
  }

  /** Whether a value is this item, the very object or another one with the same in it. `false` where only its encoding would tell. */
  isItem(value: unknown, item: KnownItem): boolean {
    if (typeof value !== 'object' || value === null) return false;
    if (item.witness?.holds(value) === true) return true;
    const known = this.itemOf(value);
    return known !== undefined && known.stored === item.stored;
  }

  /** A value, which was then what `copy` is, was written as this item. Of a plain message it is the value itself, as in `witnessOf`. */
  noteWritten(value: object, copy: object, item: KnownItem): void {
    item.witness = witnessOf(copy);
    this.#known.set(value, { item, witness: item.witness });
  }

  /** A value was read as this item, for the first time: the next reader gets a copy. */
  noteRead(value: unknown, item: KnownItem): void {
    const copy = typeof value === 'object' && value !== null ? copyOf(value) : undefined;
    if (copy === undefined) return;
    const known = { item, witness: witnessOf(copy) };
    item.read = copy;
    item.witness = known.witness;
    this.#read.set(item, known);
    this.#known.set(value as object, known);
  }

  /** The value of an item that was read before, as an object of the caller's own. */
  read(item: KnownItem): object | undefined {
    if (item.read === undefined) return undefined;
    const value = copyAgain(item.read);
    const known = this.#read.get(item);
    if (known !== undefined) this.#known.set(value, known);
    return value;
  }
}

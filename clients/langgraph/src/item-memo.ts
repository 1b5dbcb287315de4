/**
 * Which objects are which items of lists: a graph hands the same messages to each put, and what was written or read once need not be encoded
 * again. An object that was changed since is not recognised.
 */
import { copyAgain, copyOf, isUnchanged } from './copies.ts';
import type { KnownItem } from './lists.ts';

export class ItemMemo {
  readonly #items = new WeakMap<object, { readonly copy: object; readonly item: KnownItem }>();

  /** The item that a value is, if that is known. */
  itemOf(value: unknown): KnownItem | undefined {
    const known = typeof value === 'object' && value !== null ? this.#items.get(value) : undefined;
    return known !== undefined && isUnchanged(value, known.copy) ? known.item : undefined;
  }

  /** A value was written as this item. */
  noteWritten(value: unknown, item: KnownItem): void {
    const copy = typeof value === 'object' && value !== null ? copyOf(value) : undefined;
    if (copy !== undefined) this.#items.set(value as object, { copy, item });
  }

  /** A value was read as this item, for the first time: the next reader gets a copy. */
  noteRead(value: unknown, item: KnownItem): void {
    const copy = typeof value === 'object' && value !== null ? copyOf(value) : undefined;
    if (copy === undefined) return;
    item.read = copy;
    this.#items.set(value as object, { copy, item });
  }

  /** The value of an item that was read before, as an object of the caller's own. */
  read(item: KnownItem): object | undefined {
    const value = item.read === undefined ? undefined : copyAgain(item.read);
    if (value !== undefined && item.read !== undefined) this.#items.set(value, { copy: item.read, item });
    return value;
  }
}

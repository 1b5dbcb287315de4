/** What waits for the next entry of a replica. */
import { pendingBytesMax, pendingEntriesMax } from '../../base/limits.ts';
import type { Command } from '../../state/command.ts';
import type { Settled } from '../settled.ts';
import type { Item } from './flight.ts';

/** A command that is worked out when the entry goes; `null` where that cannot be said at once. */
export interface LateItem {
  readonly make: () => Command | null;
  /** As of {@link Item}. */
  readonly givesWay: boolean;
  readonly settle: (settled: Settled) => void;
}

/** What an entry takes beside its commands, and each of them beside its record. */
export const entryOverheadBytes = 1_024;
const commandOverheadBytes = 96;

export class Outbox {
  #items: Item[] = [];
  #late: LateItem[] = [];
  #bytes = 0;

  /** Of records that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#items.length + this.#late.length;
  }

  get hasLate(): boolean {
    return this.#late.length > 0;
  }

  get isFull(): boolean {
    return this.#bytes >= pendingBytesMax || this.size >= pendingEntriesMax;
  }

  /** `isFirst`: before all that wait. */
  add(item: Item, isFirst: boolean): void {
    if (isFirst) this.#items.unshift(item);
    else this.#items.push(item);
    this.#bytes += item.record.length;
  }

  addLate(item: LateItem): void {
    this.#late.push(item);
  }

  takeLate(): readonly LateItem[] {
    return this.#late.splice(0);
  }

  /** As many as `bytesMax` have room for, but one at least. */
  take(bytesMax: number): readonly Item[] {
    let [count, bytes] = [0, 0];
    for (const { record } of this.#items) {
      bytes += record.length + commandOverheadBytes;
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    const taken = this.#items.slice(0, count);
    this.#items = this.#items.slice(count);
    for (const { record } of taken) this.#bytes -= record.length;
    return taken;
  }

  /** Answers all that wait, which never go. */
  refuse(settled: Settled): void {
    const all = [...this.#items, ...this.#late];
    this.#items = [];
    this.#late = [];
    this.#bytes = 0;
    for (const { settle } of all) settle(settled);
  }
}

/** What waits for the journal: entries in the order of their positions, with those who want to know of them. */
import type { Proposal } from '../state/command.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Effects } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { WriteTrace } from './write-trace.ts';

/** What an entry did. */
export interface Written {
  readonly position: number;
  /** The entry's own events; empty for what made no entry. */
  readonly events: readonly ForestEvent[];
  readonly effects: Effects;
  /** `null` for what made no entry. */
  readonly proposal: Proposal | null;
}

/** Something that may be told once everything up to `position` is durable. */
export interface Pending extends Written {
  /** The trunk after that position. */
  readonly root: Root;
  readonly revision: number;
  /** Size of its record. */
  readonly bytes: number;
  /** Tells the caller: that it is durable, or that the journal failed. `null` where nobody waits. */
  readonly settle: ((durable: boolean) => void) | null;
  /** When it was submitted, in monotonic milliseconds. */
  readonly submittedMs: number;
  /** What is noted of it; `null` where nobody traces it. */
  readonly trace: WriteTrace | null;
}

/** A queue that lets go of what is taken from it: each entry keeps the whole trunk alive as it was then, with the nodes that were replaced since. */
export class PendingQueue {
  readonly #items: Pending[] = [];
  #bytes = 0;

  /** Bytes that wait for the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  push(pending: Pending): void {
    this.#items.push(pending);
    this.#bytes += pending.bytes;
  }

  /** Takes everything up to `position`, in order. */
  takeUntil(position: number): Pending[] {
    let count = 0;
    while (count < this.#items.length && (this.#items[count]?.position ?? Infinity) <= position) count += 1;
    const taken = this.#items.splice(0, count);
    for (const { bytes } of taken) this.#bytes -= bytes;
    return taken;
  }
}

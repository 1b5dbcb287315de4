/** The newest events of a forest, in memory: most of those who fell behind, or come back, need no more than these. */
import {
  recentEventsBytesMax,
  recentEventsMax as recentEventsMaxDefault,
  recentEventsOperationsMax,
} from '../base/limits.ts';
import type { ForestEvent } from '../state/event.ts';
import { operationBytes } from '../state/values/operate.ts';
import { needsRoots } from './filter.ts';

/** What an event takes beside its values. */
const eventBytes = 200;
/** What an operation takes beside its value. */
const perOperationBytes = 200;
/** What the roots of an event keep alive: the nodes that each operation replaced. */
const replacedBytes = 800;

export class RecentEvents {
  #events: (ForestEvent | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  #operations = 0;
  /** Every event after this position is here. */
  #completeAfter: number;

  readonly #eventsMax: number;

  /** Keeps what comes after `position`, at most `eventsMax` events. */
  constructor(position: number, eventsMax = recentEventsMaxDefault) {
    this.#eventsMax = eventsMax;
    this.#completeAfter = position;
  }

  get completeAfter(): number {
    return this.#completeAfter;
  }

  get length(): number {
    return this.#events.length - this.#first;
  }

  /**
   * Adds the next event. Roots of the trunk are kept only where `withRoots` says that somebody wants them, or where a copy
   * cannot be told without: they can be had again, and two thousand events would keep alive megabytes of replaced nodes, which
   * the garbage collector copies around.
   */
  add(event: ForestEvent, withRoots: boolean): void {
    const isKeptWhole = withRoots || event.roots === null || event.revision === 0 || needsRoots(event);
    const kept = isKeptWhole ? event : { ...event, roots: null };
    this.#events.push(kept);
    this.#bytes += sizeOf(kept);
    this.#operations += kept.changes.length;
    while (this.#isTooMuch) this.#forget();
    if (this.#first * 2 <= this.#events.length) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }

  /** Events after `position`, at most `count` and then the rest of the last position; all after it must be here. */
  after(position: number, count: number): ForestEvent[] {
    let [low, high] = [this.#first, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    let end = Math.min(low + count, this.#events.length);
    while (
      end > low &&
      end < this.#events.length &&
      this.#events[end]?.position === this.#events[end - 1]?.position
    )
      end += 1;
    return this.#events.slice(low, end).filter((event) => event !== undefined);
  }

  /** Events after a revision of the trunk, which made later ones; `null` where they are not all here. */
  afterRevision(revision: number): ForestEvent[] | null {
    const events: ForestEvent[] = [];
    for (let at = this.#events.length - 1; at >= this.#first; at -= 1) {
      const event = this.#events[at];
      if (event === undefined || event.revision === 0) continue;
      if (event.revision <= revision) return events.reverse();
      events.push(event);
    }
    return null;
  }

  get #isTooMuch(): boolean {
    return (
      this.length > this.#eventsMax ||
      this.#operations > recentEventsOperationsMax ||
      this.#bytes > recentEventsBytesMax
    );
  }

  #forget(): void {
    const oldest = this.#events[this.#first];
    if (oldest === undefined) return;
    this.#events[this.#first] = undefined;
    this.#first += 1;
    this.#bytes -= sizeOf(oldest);
    this.#operations -= oldest.changes.length;
    // All events of a position are forgotten together.
    this.#completeAfter = oldest.position;
  }
}

function sizeOf(event: ForestEvent): number {
  let bytes = eventBytes;
  const perOperation = perOperationBytes + (event.roots === null ? 0 : replacedBytes);
  for (const { operation } of event.changes) bytes += perOperation + operationBytes(operation);
  return bytes;
}

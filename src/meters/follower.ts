/**
 * Follows a forest's journal: each publish once and in order, whether it has just become durable or was written before the broker
 * started. It is *level* while it has seen all that is durable and is handed what comes; else it reads the journal in the
 * background, in slices, and nothing is kept for it but its position.
 */
import type { Clock } from '../base/clock.ts';
import type { ForestEvent } from '../state/event.ts';
import { BackgroundShare } from './background-share.ts';

/** What a follower needs of a forest. */
export interface Past {
  /** The newest durable state. */
  view(): { readonly position: number };
  /** Events after this position can be read. */
  readonly oldestPosition: number;
  /** Events after one position, up to another, in order. Throws, or rejects, where they were given up meanwhile. */
  readEvents(afterPosition: number, untilPosition: number): AsyncIterable<readonly ForestEvent[]>;
}

export interface FollowerOptions {
  readonly past: Past;
  readonly clock: Clock;
  /** How long the event loop has been busy since it began, in milliseconds. Without it, it is taken to be at rest. */
  readonly busyMs?: (() => number) | undefined;
  /** Takes a publish. */
  readonly take: (event: ForestEvent) => void;
  /** Whether it can take one that has just become durable. */
  readonly hasRoom: () => boolean;
  /** Whether it can take one that was read from the journal; where it cannot, `onRoomForPast` calls back when it can. */
  readonly hasRoomForPast: () => boolean;
  readonly onRoomForPast: (callback: () => void) => void;
  /** Called each time that it has become level. */
  readonly onLevel?: () => void;
}

/** How long reading on keeps the event loop at a time. */
const sliceMs = 2;
const shareAtRest = 1 / 10;
/** How soon it tries again where the journal could not be read. */
const retryMs = 1_000;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #share: BackgroundShare;
  #position = 0;
  #isLevel = false;
  #isClosed = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { clock, busyMs } = options;
    this.#share = new BackgroundShare({ clock, busyMs, shareAtRest });
  }

  /** It has seen everything up to here. */
  get position(): number {
    return this.#isLevel ? this.#options.past.view().position : this.#position;
  }

  /** Begins behind a position. Call it once. */
  start(after: number): void {
    this.#position = after;
    if (this.#position >= this.#options.past.view().position) this.#becomeLevel();
    else void this.#readOn();
  }

  /** Hands over the events of one durable entry. Those of entries before it came before. */
  offer(events: readonly ForestEvent[], position: number): void {
    if (!this.#isLevel || this.#isClosed) return;
    const publish = publishOf(events);
    if (publish === undefined) return;
    if (this.#options.hasRoom()) {
      this.#options.take(publish);
      return;
    }
    this.#isLevel = false;
    this.#position = position - 1;
    this.#options.onRoomForPast(() => void this.#readOn());
  }

  close(): void {
    this.#isClosed = true;
  }

  #becomeLevel(): void {
    this.#isLevel = true;
    this.#options.onLevel?.();
  }

  async #readOn(): Promise<void> {
    const { past, clock } = this.#options;
    while (!this.#isClosed) {
      if (this.#position >= past.view().position) {
        this.#becomeLevel();
        return;
      }
      // What was given up while it was behind is in no figure.
      this.#position = Math.max(this.#position, past.oldestPosition);
      try {
        await this.#readTo(past.view().position);
      } catch {
        // The journal says why to everybody else; nothing here depends on it.
        await wait(clock, retryMs);
      }
    }
  }

  async #readTo(until: number): Promise<void> {
    const { past, clock, hasRoomForPast, onRoomForPast } = this.#options;
    let startMs = clock.monotonicMs();
    for await (const events of past.readEvents(this.#position, until)) {
      for (const event of events) {
        if (this.#isClosed) return;
        const isFirst = event.position > this.#position;
        if (isFirst && isPublish(event)) {
          if (!hasRoomForPast()) await new Promise<void>(onRoomForPast);
          this.#options.take(event);
        }
        this.#position = event.position;
        const spentMs = clock.monotonicMs() - startMs;
        if (spentMs < sliceMs) continue;
        await wait(clock, this.#share.pauseMs(spentMs));
        startMs = clock.monotonicMs();
      }
    }
    this.#position = until;
  }
}

/** Of an entry's events only the first can be a publish: what a child's commit stages in its parent comes behind the commit. */
function publishOf(events: readonly ForestEvent[]): ForestEvent | undefined {
  const [first] = events;
  return first !== undefined && isPublish(first) ? first : undefined;
}

/** Something an agent wrote: not a commit, which tells again what was staged, nor what the broker wrote to take something back. */
function isPublish({ changes, transition, revertedRevision, leaseId }: ForestEvent): boolean {
  const isOwn = transition === null || transition.kind === 'staged';
  return changes.length > 0 && isOwn && revertedRevision === 0 && leaseId === '';
}

function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}

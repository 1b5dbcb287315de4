/**
 * One subscription. It is in one of three conditions:
 *
 * - live: it has seen everything that was published, and is handed each new event in the tick of its publication;
 * - blocked: its receiver's queue is full. Nothing is kept for it but the position that it has seen;
 * - catching up: it reads on from there, out of memory or the journal, until it is live again.
 *
 * So it never holds anything up and never makes anything grow, and it neither misses nor repeats an event.
 */
import { catchUpEventsPerTurn, snapshotBytesPerPart, snapshotNodesPerPart } from '../base/limits.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { formatPattern } from '../trie/pattern.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import { Delivery } from './delivery.ts';
import { endsGhost, inScope, needsRoots, selectFor, tellsAgent } from './filter.ts';
import type { RecentEvents } from './recent-events.ts';
import { HistoryGone } from './source.ts';
import type { EventSource } from './source.ts';
import type { Receiver, SnapshotNode, Subscription, SubscriptionHandle } from './subscription.ts';

export interface SubscriberOptions {
  readonly request: Subscription;
  readonly receiver: Receiver;
  readonly source: EventSource;
  readonly recent: RecentEvents;
  readonly clock: Clock;
  /** Told when it becomes live or stops being so, and when it is over. */
  readonly onChange: (subscriber: Subscriber) => void;
}

export class Subscriber implements SubscriptionHandle {
  readonly request: Subscription;
  /** Equal for all that are told the same changes of every event. */
  readonly selectionKey: string;
  readonly #receiver: Receiver;
  readonly #source: EventSource;
  readonly #recent: RecentEvents;
  readonly #clock: Clock;
  readonly #onChange: (subscriber: Subscriber) => void;
  #isLive = false;
  #isOver = false;
  #isBlocked = false;
  /** It has seen everything up to here, unless it is live: then it has seen all that was published. */
  #cursor = 0;
  /** While live and blocked: the position whose events were the last ones handed over. */
  #blockedAt = 0;
  /** Applied position at which its ghost was found to be over; what is known of its end comes up to there. */
  #overSince = Infinity;
  /** Reading on happens once at a time. */
  #isReading = false;
  #bookmarkedAt = -1;
  #bookmarkTimer: Timer | null = null;
  #wake: (() => void) | null = null;

  constructor(options: SubscriberOptions) {
    this.request = options.request;
    const { patterns, scope, agent = '' } = options.request;
    const whom = agent === '' ? '' : `${JSON.stringify(agent)} `;
    const about = scope.kind === 'trunk' ? '' : `${scope.kind === 'ghost' ? 'ghost' : 'ghosts'} `;
    this.selectionKey = `${whom}${about}${patterns.map(formatPattern).join(' ')}`;
    this.#receiver = options.receiver;
    this.#source = options.source;
    this.#recent = options.recent;
    this.#clock = options.clock;
    this.#onChange = options.onChange;
    this.#scheduleBookmark();
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** While it is not live: it has seen everything up to here. */
  get seenPosition(): number {
    return this.#cursor;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs until the subscription is live for the first time, and again each time it fell behind. Never rejects. */
  async start(): Promise<void> {
    try {
      const rejection = await this.#begin();
      if (rejection !== null) this.end(rejection);
      else await this.#catchUp();
    } catch (error) {
      this.#endBecause(error);
    }
  }

  drained(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    const wake = this.#wake;
    this.#wake = null;
    if (wake !== null) wake();
    else if (!this.#isLive) void this.#catchUp().catch((error: unknown) => this.#endBecause(error));
  }

  cancel(): void {
    this.#finish();
  }

  /** Sends a last bookmark where it has seen everything, then ends. */
  end(rejection: Rejection | null): void {
    if (this.#isOver) return;
    if (this.#isLive && !this.#isBlocked) this.#bookmark();
    this.#finish();
    this.#receiver.end(rejection);
  }

  /** Hands over an event that was just published, while live. */
  offer(event: ForestEvent, delivery: Delivery): void {
    // One that another's receiver cancelled or woke up in this tick may still be on the way to this event.
    if (!this.#isLive || event.position <= this.#cursor) return;
    if (!inScope(this.request.scope, event) && !tellsAgent(event, this.request.agent)) return;
    // Events of one position belong together, so those that are left of it still come.
    if (this.#isBlocked && event.position > this.#blockedAt) this.#fallBehind();
    else if (!this.#deliver(event, delivery)) this.#block(event.position);
  }

  /** Where to begin, with the snapshot if one was asked for. */
  async #begin(): Promise<Rejection | null> {
    const { start, scope } = this.request;
    const { position } = this.#source.view();
    switch (start.kind) {
      case 'after_position':
        if (start.position > this.#source.appliedPosition) return this.#inFuture(start.position);
        this.#cursor = start.position;
        return null;
      case 'after_revision': {
        const found = await this.#source.positionOf(start.revision);
        if (typeof found !== 'number') return found;
        this.#cursor = found;
        return null;
      }
      case 'now':
      case 'snapshot':
        break;
    }
    if (scope.kind !== 'ghost') {
      const view = this.#source.view();
      this.#cursor = position;
      return start.kind === 'snapshot' ? this.#sendSnapshot(view.root, view.revision) : null;
    }
    const ghost = this.#source.ghost(scope.ghostId);
    if ('reason' in ghost) return ghost;
    if (!('root' in ghost)) return this.#ghostOver(scope.ghostId, ghost.state);
    // A ghost's view is ahead of what was published of it: it stands for everything that was applied.
    this.#cursor = this.#source.appliedPosition;
    if (start.kind === 'snapshot') return this.#sendSnapshot(ghost.root, ghost.baseRevision);
    return this.#source.durable(this.#cursor);
  }

  async #sendSnapshot(root: Root, revision: number): Promise<Rejection | null> {
    const at = this.#cursor;
    let part: SnapshotNode[] = [];
    let bytes = 0;
    for (const node of walkMatching(root, this.request.patterns)) {
      if (node.path.length === 0) continue;
      part.push(node);
      bytes += node.node.entry?.bytes ?? 0;
      if (part.length < snapshotNodesPerPart && bytes < snapshotBytesPerPart) continue;
      if (!this.#receiver.snapshot(part, revision)) await this.#untilDrained();
      if (this.#isOver) return null;
      part = [];
      bytes = 0;
    }
    if (part.length > 0 && !this.#receiver.snapshot(part, revision)) await this.#untilDrained();
    // After a crash, a position that was not durable would belong to another entry.
    const refused = await this.#source.durable(at);
    if (refused !== null) return refused;
    this.#bookmarkedAt = at;
    if (!this.#isOver && !this.#receiver.bookmark(revision, at)) await this.#untilDrained();
    return null;
  }

  /** Reads on from the cursor until everything that was published has been seen, then becomes live in the same tick. */
  async #catchUp(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isOver && !this.#isBlocked && !this.#isLive) await this.#readOn();
    } finally {
      // In the same turn as the last look at `#isBlocked`, so that `drained` either is seen there or starts anew.
      this.#isReading = false;
    }
  }

  /** Reads one stretch, out of memory or the journal, or becomes live. */
  async #readOn(): Promise<void> {
    const { position } = this.#source.view();
    if (this.#cursor >= position) {
      this.#becomeLive();
      return;
    }
    if (this.#cursor >= this.#recent.completeAfter) {
      const events = this.#recent.after(this.#cursor, catchUpEventsPerTurn);
      const complete = await this.#deliverAll(events);
      if (complete && events.length < catchUpEventsPerTurn) this.#cursor = Math.max(this.#cursor, position);
      return;
    }
    for await (const events of this.#source.readEvents(this.#cursor, position)) {
      const complete = await this.#deliverAll(events);
      if (!complete || this.#cursor >= this.#recent.completeAfter) return;
    }
    this.#cursor = Math.max(this.#cursor, position);
  }

  /** False when it had to stop before the last one. Events of one position are never torn apart. */
  async #deliverAll(events: readonly ForestEvent[]): Promise<boolean> {
    for (const [index, event] of events.entries()) {
      if (event.position <= this.#cursor) continue;
      if (selectFor(this.request, event) !== null) {
        const told = this.#lacksRoots(event) ? await this.#withRoots(event) : event;
        if (this.#isOver) return false;
        const changes = selectFor(this.request, told) ?? [];
        if (!this.#deliver(told, new Delivery(told, changes))) this.#isBlocked = true;
      }
      if (this.#isOver) return false;
      if (events[index + 1]?.position === event.position) continue;
      this.#cursor = event.position;
      if (this.#isBlocked) return false;
    }
    return true;
  }

  /** Whether the roots on both sides of the event are needed, and were not kept. */
  #lacksRoots(event: ForestEvent): boolean {
    if (event.roots !== null || (event.revision === 0 && event.changes.length === 0)) return false;
    return this.request.needsRoots || needsRoots(event);
  }

  async #withRoots(event: ForestEvent): Promise<ForestEvent> {
    if (event.revision === 0) return { ...event, roots: await this.#source.stagedRoots.of(event) };
    const before = await this.#source.rootAt(event.revision - 1);
    const after = await this.#source.rootAt(event.revision);
    return { ...event, roots: { before, after } };
  }

  #deliver(event: ForestEvent, delivery: Delivery): boolean {
    const open = this.#receiver.event(delivery);
    if (this.request.scope.kind === 'ghost' && endsGhost(event)) {
      this.#isBlocked ||= !open;
      this.end(null);
    }
    return open || this.#isOver;
  }

  #becomeLive(): void {
    this.#overSince = this.#whyGhostOver() === null ? Infinity : this.#source.appliedPosition;
    if (this.#endIfOver()) return;
    this.#isLive = true;
    this.#onChange(this);
    if (this.#bookmarkedAt !== Math.max(this.#source.view().position, this.#cursor)) this.#bookmark();
  }

  /** Why its ghost cannot be watched any more; `null` while it lives, and for all other scopes. */
  #whyGhostOver(): Rejection | null {
    const { scope } = this.request;
    if (scope.kind !== 'ghost') return null;
    const ghost = this.#source.ghost(scope.ghostId);
    if ('reason' in ghost) return ghost;
    return 'root' in ghost ? null : this.#ghostOver(scope.ghostId, ghost.state);
  }

  /** Ends it if its ghost ended before it went live, and that end is not to be published any more. */
  #endIfOver(): boolean {
    const rejection = this.#source.view().position >= this.#overSince ? this.#whyGhostOver() : null;
    if (rejection !== null) this.end(rejection);
    return rejection !== null;
  }

  #block(position: number): void {
    if (this.#isOver) return;
    this.#isBlocked = true;
    this.#blockedAt = position;
  }

  #fallBehind(): void {
    this.#isLive = false;
    this.#cursor = Math.max(this.#cursor, this.#blockedAt);
    this.#onChange(this);
  }

  #bookmark(): void {
    const view = this.#source.view();
    const position = Math.max(view.position, this.#cursor);
    this.#bookmarkedAt = position;
    if (!this.#receiver.bookmark(view.revision, position) && this.#isLive) this.#block(position);
  }

  #scheduleBookmark(): void {
    this.#bookmarkTimer = this.#clock.setTimer(this.request.bookmarkIntervalMs, () => {
      if (this.#isOver || this.#endIfOver()) return;
      if (this.#isLive && !this.#isBlocked) this.#bookmark();
      this.#scheduleBookmark();
    });
  }

  #untilDrained(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#isBlocked = true;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isLive = false;
    this.#bookmarkTimer?.cancel();
    this.#onChange(this);
    this.#wake?.();
    this.#wake = null;
  }

  #endBecause(error: unknown): void {
    if (!(error instanceof HistoryGone)) throw error;
    this.end(error.rejection);
  }

  #inFuture(position: number): Rejection {
    const newest = this.#source.appliedPosition;
    const message = `position ${position} does not exist yet; the newest is ${newest}`;
    return reject('REVISION_IN_FUTURE', message, { position, newest_position: newest });
  }

  #ghostOver(ghostId: string, state: string): Rejection {
    return reject('GHOST_OVER', `ghost ${ghostId} is ${state}`, { ghost_id: ghostId, state });
  }
}

/** A subscriber that writes down what it is told and reads as slowly as it is made to. */
import type { Change } from '../../src/state/event.ts';
import type { Rejection } from '../../src/state/outcome.ts';
import type { Delivery } from '../../src/subscriptions/delivery.ts';
import type { Hub } from '../../src/subscriptions/hub.ts';
import type {
  Receiver,
  Scope,
  SnapshotNode,
  Start,
  Subscription,
  SubscriptionHandle,
} from '../../src/subscriptions/subscription.ts';
import { formatPath } from '../../src/trie/path.ts';
import { parsePattern } from '../../src/trie/pattern.ts';

export interface WatcherOptions {
  readonly patterns: readonly string[];
  readonly start?: Start;
  readonly scope?: Scope;
  readonly needsRoots?: boolean;
  /** Asked after each message: false is "my queue is full". */
  readonly takesMore?: (watcher: Watcher) => boolean;
}

export interface Bookmark {
  readonly revision: number;
  readonly position: number;
  /** Events received before it. */
  readonly received: number;
}

export class Watcher implements Receiver {
  readonly patterns: readonly string[];
  readonly request: Subscription;
  readonly deliveries: Delivery[] = [];
  readonly bookmarks: Bookmark[] = [];
  readonly nodes: SnapshotNode[] = [];
  /** `undefined` until it ended. */
  ended: Rejection | null | undefined = undefined;
  isFull = false;
  isCancelled = false;
  /** What a receiver must never see. */
  readonly complaints: string[] = [];
  readonly #takesMore: (watcher: Watcher) => boolean;
  #handle: SubscriptionHandle | null = null;

  constructor(options: WatcherOptions) {
    this.patterns = options.patterns;
    this.#takesMore = options.takesMore ?? (() => true);
    this.request = {
      patterns: options.patterns.map(pattern),
      start: options.start ?? { kind: 'now' },
      scope: options.scope ?? { kind: 'trunk' },
      needsRoots: options.needsRoots ?? false,
      bookmarkIntervalMs: 1_000,
    };
  }

  subscribe(hub: Hub): this {
    this.#handle = hub.subscribe(this.request, this);
    return this;
  }

  /** The paths and short descriptions of all changes received. */
  get told(): string[] {
    return this.deliveries.flatMap(({ changes }) => changes.map(describe));
  }

  drained(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.#handle?.drained();
  }

  cancel(): void {
    this.isCancelled = true;
    this.#handle?.cancel();
  }

  snapshot(part: readonly SnapshotNode[], revision: number): boolean {
    this.#note(`snapshot of revision ${revision}`, false);
    this.nodes.push(...part);
    return this.#answer();
  }

  event(delivery: Delivery): boolean {
    const last = this.deliveries.at(-1)?.event.position ?? 0;
    // Events of one position belong together.
    this.#note(`event at ${delivery.event.position}`, delivery.event.position === last);
    if (delivery.event.position < last) this.complaints.push(`${delivery.event.position} after ${last}`);
    this.deliveries.push(delivery);
    return this.#answer();
  }

  bookmark(revision: number, position: number): boolean {
    this.#note(`bookmark ${position}`, false);
    this.bookmarks.push({ revision, position, received: this.deliveries.length });
    return this.#answer();
  }

  end(rejection: Rejection | null): void {
    this.#note('end', true);
    this.ended = rejection;
  }

  #note(what: string, mayComeWhileFull: boolean): void {
    if (this.isFull && !mayComeWhileFull) this.complaints.push(`${what} while full`);
    if (this.ended !== undefined) this.complaints.push(`${what} after the end`);
    if (this.isCancelled) this.complaints.push(`${what} after cancel`);
  }

  #answer(): boolean {
    if (!this.#takesMore(this)) this.isFull = true;
    return !this.isFull;
  }
}

function pattern(text: string): Subscription['patterns'][number] {
  const parsed = parsePattern(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function describe({ operation }: Change): string {
  const data = operation.kind === 'put' ? ` ${operation.value.data}` : '';
  return `${operation.kind} ${formatPath(operation.path)}${data}`;
}

/** Lets everything that waits for microtasks and for one turn of the event loop go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

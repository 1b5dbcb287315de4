/**
 * One forest as it is looked at. It follows the forest live, or stands at a place in the past; either way the broker is asked for what
 * is shown and for nothing else. The rules:
 *
 * - Live, the tree is listed at a revision and every event behind it is folded in; the stream never has a gap, since it starts there.
 * - In the past nothing is folded: each place is listed anew, at its revision. The stream goes on and moves the end of the timeline.
 * - Of several places asked for quickly, the last wins; answers for others are dropped.
 */
import type { Client, Event } from '../../../typescript/src/browser.ts';
import { Ghosts, ghostsAfter } from '../model/ghosts.ts';
import type { Shape } from '../model/graph.ts';
import {
  extend,
  indexAt,
  noFilter,
  authorsOf,
  type EventFilter,
  type TimelineWindow,
} from '../model/timeline.ts';
import { Tree } from '../model/tree.ts';
import { loadGhost, loadGhosts } from './ghost-source.ts';
import {
  covers,
  findRevision,
  findStep,
  loadAround,
  loadRange,
  loadTail,
  revisionAfter,
} from './history-source.ts';
import { pollOverview, sampleOnce } from './overview.ts';
import { OlderGhosts } from './older-ghosts.ts';
import { pauseFor, type PageClock } from './page-clock.ts';
import { Picture } from './picture.ts';
import { Player } from './player.ts';
import { explain } from './explain.ts';
import { firstState, type SessionState } from './state.ts';
import { Store } from './store.ts';
import { clientReader } from './tree-reader.ts';
import { loadTree } from './tree-source.ts';
import { Unfolding } from './unfolding.ts';

/** Events are folded in so often at most: fast enough for the eye, and ten of them cost hardly more than one. */
const foldMs = 80;
/** After so long without the broker the reader is told what to do. */
const goneMs = 12_000;
/** How often lists are asked for that no stream tells of. */
const pollMs = 4_000;
/** Events kept that came while a tree was being listed. */
const pendingEventsMax = 50_000;

export class Session {
  readonly store: Store<SessionState>;
  readonly client: Client;
  readonly player: Player;
  readonly #clock: PageClock;
  readonly #ending = new AbortController();
  readonly #picture = new Picture();
  readonly #unfolding: Unfolding;
  readonly #older: OlderGhosts;
  #live: TimelineWindow = { events: [], isAtBeginning: false };
  #pending: Event[] = [];
  #isFoldDue = false;
  #isListing = true;
  #travels = 0;
  #lostSinceMs: number | undefined;

  constructor(client: Client, clock: PageClock) {
    this.client = client;
    this.#clock = clock;
    this.store = new Store(firstState);
    this.player = new Player(this, this.#ending.signal);
    this.#older = new OlderGhosts(client);
    this.#unfolding = new Unfolding({
      reader: clientReader(client),
      picture: this.#picture,
      moment: () => ({ atRevision: this.store.get().revision, signal: this.#ending.signal }),
      draw: () => this.#draw(),
      onFailure: (error) => this.#onFailure(error),
    });
  }

  /** Follows the forest until `end`. */
  start(position: number): void {
    void this.#run(position);
    void pollOverview(this.client, this.store, () => this.pause(pollMs), this.#ending.signal);
  }

  end(): void {
    this.player.pause();
    this.#ending.abort();
  }

  /** The client has lost its stream and tries again. */
  onLost(message: string): void {
    const sinceMs = (this.#lostSinceMs ??= this.#clock.nowMs());
    const kind = this.#clock.nowMs() - sinceMs > goneMs ? 'gone' : 'reconnecting';
    this.store.set({ connection: { kind, sinceMs, message } });
  }

  #onHeard(): void {
    const wasLost = this.#lostSinceMs !== undefined;
    this.#lostSinceMs = undefined;
    if (this.store.get().connection.kind !== 'live') this.store.set({ connection: { kind: 'live' } });
    // A crash can take what was staged in ghosts, and the stream does not tell of it.
    if (wasLost) void this.#loadGhosts().catch(() => undefined);
  }

  async #run(position: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#open(position);
      } catch (error) {
        if (signal.aborted) return;
        this.onLost(error instanceof Error ? error.message : String(error));
        await this.pause(1_000);
      }
      position = this.store.get().position;
    }
  }

  /** Lists what there is and follows what comes; throws when that cannot go on. */
  async #open(position: number): Promise<void> {
    const { client } = this;
    const [range, live] = await Promise.all([loadRange(client), loadTail(client)]);
    this.#live = live;
    const authors = [...new Set(live.events.flatMap(authorsOf))].filter((author) => author !== '');
    this.store.set({ range, authors, window: live });
    this.#isListing = true;
    const revision = await this.#listLive((this.#travels += 1));
    await this.#loadGhosts();
    if (position > 0) void this.travel(position);
    void sampleOnce(client, this.store, this.#ending.signal);
    const subscription = client.subscribe('/**', {
      start: { afterRevision: revision },
      everything: true,
      bookmarks: true,
      bookmarkIntervalMs: 2_000,
      signal: this.#ending.signal,
    });
    this.#onHeard();
    for await (const item of subscription) {
      this.#onHeard();
      if (item.kind === 'event') this.#take(item.event);
    }
  }

  /** Lists the newest tree, and folds in what came meanwhile. */
  async #listLive(travels: number): Promise<number> {
    this.#isListing = true;
    const tree = new Tree();
    const { signal } = this.#ending;
    const listing = loadTree(clientReader(this.client), tree, this.#picture.openness, { signal });
    const revision = await listing.finally(() => {
      if (travels === this.#travels) this.#isListing = false;
    });
    if (travels !== this.#travels) return revision;
    this.#picture.openness.settle(tree);
    this.#picture.tree = tree;
    this.#picture.point(undefined, 0);
    this.store.set({ position: 0, revision, current: undefined, isTravelling: false, window: this.#live });
    this.#fold();
    this.#draw();
    return revision;
  }

  async #loadGhosts(): Promise<void> {
    await loadGhosts(this.client, this.#liveGhosts, this.#clock.nowMs());
    this.#draw();
  }

  /** Ghosts as they are now; those of the past are another picture. */
  readonly #liveGhosts = new Ghosts();

  #take(event: Event): void {
    this.#pending.push(event);
    if (this.#pending.length > pendingEventsMax)
      this.#pending.splice(0, this.#pending.length - pendingEventsMax);
    if (this.#isFoldDue) return;
    this.#isFoldDue = true;
    this.#clock.after(foldMs, () => {
      this.#isFoldDue = false;
      this.#fold();
    });
  }

  #fold(): void {
    const events = this.#pending;
    if (events.length === 0 || this.#isListing) return;
    this.#pending = [];
    this.#live = extend(this.#live, events);
    const { range, position, revision, authors } = this.store.get();
    const last = Math.max(range.last, events.at(-1)?.position ?? 0);
    const first = range.first === 0 ? (events[0]?.position ?? 0) : range.first;
    const fresh = events.flatMap(authorsOf).filter((author) => author !== '' && !authors.includes(author));
    this.store.set({
      range: { first, last },
      ...(fresh.length === 0 ? {} : { authors: [...authors, ...new Set(fresh)] }),
    });
    const nowMs = this.#clock.nowMs();
    if (position !== 0) {
      for (const event of events) this.#liveGhosts.apply(event, nowMs);
      return;
    }
    this.#picture.ghosts = this.#liveGhosts;
    this.#picture.fold(events, revision, nowMs);
    const newest = Math.max(revision, ...events.map((event) => event.revision));
    this.store.set({ window: this.#live, revision: newest, current: this.#live.events.at(-1) });
    this.#refresh();
    this.#draw();
  }

  /** Asks for what events could not tell. */
  #refresh(): void {
    for (const id of this.#liveGhosts.takeStale())
      void loadGhost(this.client, this.#liveGhosts, id, this.#clock.nowMs()).then(
        () => this.#draw(),
        () => undefined,
      );
    void this.#unfolding.refresh();
  }

  #draw(): void {
    if (this.store.get().position === 0) this.#picture.ghosts = this.#liveGhosts;
    const graph = this.#picture.draw();
    const { marks, departures, ghosts } = this.#picture;
    this.store.set({ graph, marks, departures, branches: ghosts.all(), isDrawn: true });
    if (this.#picture.isMoving) this.#settleLater();
  }

  #isSettling = false;
  #settleLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#clock.after(120, () => {
      this.#isSettling = false;
      if (this.#picture.prune(this.#clock.nowMs())) this.#draw();
      else if (this.#picture.isMoving) this.#settleLater();
    });
  }

  /** Lays the picture out otherwise. */
  setShape(shape: Shape): void {
    if (this.#picture.shape === shape) return;
    this.#picture.shape = shape;
    if (this.store.get().isDrawn) this.#draw();
  }

  /** Opens or closes a node. */
  toggle(path: string, isOpen: boolean): Promise<void> {
    return this.#unfolding.toggle(path, isOpen);
  }

  /** Opens everything below a node, as far as the picture takes it. */
  openAll(path: string, shown: number): Promise<void> {
    return this.#unfolding.openAll(path, shown);
  }

  /** Shows more children of a wide node. */
  showMore(path: string): Promise<void> {
    return this.#unfolding.showMore(path);
  }

  /** Opens all that is above a path, so that it can be seen. */
  reveal(path: string): Promise<void> {
    return this.#unfolding.reveal(path);
  }

  /** Something that the reader has asked for did not come. */
  #onFailure(error: unknown): undefined {
    if (!this.#ending.signal.aborted) this.tell(explain(error));
  }

  /** Goes to a place in the past; 0: back to now. */
  async travel(position: number): Promise<void> {
    const travels = (this.#travels += 1);
    try {
      await (position <= 0 ? this.#listLive(travels) : this.#arrive(position, travels));
    } catch (error) {
      if (travels !== this.#travels) return;
      this.store.set({ isTravelling: false });
      this.#onFailure(error);
      this.#fold();
    }
  }

  async #arrive(position: number, travels: number): Promise<void> {
    const { client } = this;
    this.#isListing = false;
    this.store.set({ position, isTravelling: true });
    await this.pause(0);
    if (travels !== this.#travels) return;
    const { range, window } = this.store.get();
    const around = covers(window, position, range) ? window : await loadAround(client, position);
    if (travels !== this.#travels) return;
    const index = indexAt(around.events, position);
    const current = around.events[index];
    const revision = await revisionAfter(client, around, position);
    const earlier = await this.#older.before(around, (around.events.at(-1)?.position ?? 0) >= range.last);
    const tree = new Tree();
    if (revision > 0) {
      const moment = { atRevision: revision, signal: this.#ending.signal };
      await loadTree(clientReader(client), tree, this.#picture.openness, moment);
    } else tree.setAll([]);
    if (travels !== this.#travels) return;
    const picture = this.#picture;
    picture.openness.settle(tree);
    picture.tree = tree;
    picture.ghosts = ghostsAfter(around.events.slice(0, index + 1), earlier);
    picture.point(current, Infinity);
    this.store.set({ window: around, revision, current, isTravelling: false, notice: '' });
    this.#draw();
  }

  /** Goes to the event that made a revision. */
  async travelToRevision(revision: number): Promise<void> {
    const event = await findRevision(this.client, revision).catch(() => undefined);
    if (event === undefined) this.store.set({ notice: `There is no revision ${revision} to be seen.` });
    else await this.travel(event.position);
  }

  /** Goes to the next event that the filter wants, or the one before. False where there is none. */
  async step(direction: 1 | -1): Promise<boolean> {
    const { position, range, window, filter } = this.store.get();
    const from = position === 0 ? range.last : position;
    const finding = findStep(this.client, window, from, direction, filter);
    const found = await finding.catch((error: unknown) => this.#onFailure(error));
    if (found === undefined) return false;
    if (found.kind === 'found') {
      await this.travel(found.event.position);
      return true;
    }
    if (found.kind === 'given_up') {
      this.store.set({
        notice: 'Nothing that the filter wants among the next 10,000 events. Step again to look further.',
      });
      await this.travel(found.position);
      return true;
    }
    if (direction === 1 && filter === noFilter) await this.travel(0);
    return false;
  }

  setFilter(filter: EventFilter): void {
    const isNone = filter.author === '' && filter.path === '' && filter.kind === '';
    this.store.set({ filter: isNone ? noFilter : filter });
  }

  dismiss(): void {
    this.store.set({ notice: '' });
  }

  tell(notice: string): void {
    this.store.set({ notice });
  }

  /** Waits; less long where the session ends. */
  pause(ms: number): Promise<void> {
    return pauseFor(this.#clock, ms, this.#ending.signal);
  }
}

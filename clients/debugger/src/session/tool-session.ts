/**
 * A forest as an app of an MCP host looks at it: with nothing but calls of tools, which the host passes on. The rules:
 *
 * - The tree is listed at a revision; `wait_for_change` then tells what came after it, so that nothing is missed in between.
 * - Nothing waits for ghosts, so they are asked for from time to time, and only while somebody can see the page.
 * - A ghost that is gone was committed if the trunk says so, and has been reverted otherwise: so the trunk is heard first.
 */
import { Ghosts, type GhostFacts } from '../model/ghosts.ts';
import type { Shape } from '../model/graph.ts';
import { Tree } from '../model/tree.ts';
import { Picture } from './picture.ts';
import { pauseFor, type PageClock } from './page-clock.ts';
import { firstState, type SessionState } from './state.ts';
import { Store } from './store.ts';
import {
  count,
  eventOfTold,
  ghostOfTold,
  list,
  stagedOfTold,
  valueOfTold,
  type ToldEvent,
  type ToldGhost,
  type ToldValue,
} from './told.ts';
import { toolReader, type CallTool } from './tool-reader.ts';
import type { TreeReader } from './tree-reader.ts';
import { loadLevels, loadSought, loadTree } from './tree-source.ts';

/** How often ghosts are asked for. */
const ghostsMs = 2_000;
/** How long one call waits for a change: hosts give up on calls after a minute, and some sooner. */
const waitSeconds = 20;
/** Until another try where a call has failed. */
const retryMs = 1_500;
/** After so long without the broker the reader is told what to do. */
const goneMs = 12_000;
/** Staged nodes asked for of a ghost. */
const stagedAsked = 200;

export interface ToolSessionOptions {
  readonly call: CallTool;
  readonly clock: PageClock;
  /** The subtree that is opened at first. */
  readonly path: string;
  /** Whether anybody can see the page. */
  readonly isSeen: () => boolean;
}

export class ToolSession {
  readonly store: Store<SessionState> = new Store(firstState);
  readonly #call: CallTool;
  readonly #clock: PageClock;
  readonly #isSeen: () => boolean;
  readonly #reader: TreeReader;
  readonly #ending = new AbortController();
  readonly #picture = new Picture();
  readonly #ghosts = new Ghosts();
  /** How much was staged in each ghost when that was last asked for. */
  readonly #stagedOperations = new Map<string, number>();
  #isSettling = false;
  #lostSinceMs: number | undefined;

  constructor({ call, clock, path, isSeen }: ToolSessionOptions) {
    this.#call = call;
    this.#clock = clock;
    this.#isSeen = isSeen;
    this.#reader = toolReader(call);
    this.#picture.ghosts = this.#ghosts;
    if (path !== '/') {
      this.#picture.openness.reveal(path);
      this.#picture.openness.choose(path, true);
    }
  }

  /** Follows the forest until `end`. */
  start(): void {
    void this.#repeat(() => this.#follow());
    void this.#repeat(() => this.#followGhosts());
  }

  end(): void {
    this.#ending.abort();
  }

  setShape(shape: Shape): void {
    if (this.#picture.shape === shape) return;
    this.#picture.shape = shape;
    if (this.store.get().isDrawn) this.#draw();
  }

  async toggle(path: string, isOpen: boolean): Promise<void> {
    const { tree, openness } = this.#picture;
    openness.choose(path, isOpen);
    if (isOpen && tree.get(path)?.children === undefined) await this.#load([path]);
    this.#draw();
  }

  async openAll(path: string, shown: number): Promise<void> {
    const { tree, openness } = this.#picture;
    let level = [path];
    for (let rows = 0; level.length > 0 && rows < shown;) {
      for (const each of level) openness.choose(each, true);
      await this.#load(level);
      const next = level.flatMap((each) =>
        (tree.get(each)?.children ?? []).map((name) => `${each === '/' ? '' : each}/${name}`),
      );
      rows += next.length;
      level = next.filter((each) => (tree.get(each)?.childCount ?? 0) > 0);
    }
    this.#draw();
  }

  async showMore(path: string): Promise<void> {
    this.#picture.openness.showMore(path);
    await this.#load([path]);
    this.#draw();
  }

  /** The value of a node, as the trunk or a ghost has it; `undefined` where there is none. */
  async read(path: string, ghostId: string): Promise<ToldValue | undefined> {
    const ghost = ghostId === '' ? {} : { ghost_id: ghostId };
    const { nodes } = await this.#call('read', { paths: [path], ...ghost }, this.#ending.signal);
    const [told] = list(nodes);
    return told === undefined ? undefined : valueOfTold(told);
  }

  /** Lists what there is, and folds in what comes. Throws when that cannot go on. */
  async #follow(): Promise<void> {
    const { signal } = this.#ending;
    const tree = new Tree();
    const { openness } = this.#picture;
    let revision = await loadTree(this.#reader, tree, openness, { signal });
    if (openness.sought !== '') await loadSought(this.#reader, tree, openness, { signal });
    openness.settle(tree);
    this.#picture.tree = tree;
    this.#heard(revision);
    for (let isWhole = true; isWhole && !signal.aborted;) {
      const given = { patterns: ['/**'], after_revision: revision, wait_seconds: waitSeconds };
      const told = await this.#call('wait_for_change', given, signal);
      const events = list(told['events']).map(eventOfTold);
      revision = count(told['revision']);
      isWhole = events.every((event) => event.isWhole);
      this.#fold(events);
      this.#heard(revision);
      const stale = this.#picture.tree.takeStale();
      if (stale.length === 0) continue;
      await this.#load(stale);
      this.#draw();
    }
  }

  #fold(events: readonly ToldEvent[]): void {
    const nowMs = this.#clock.nowMs();
    for (const { kind, ghostId } of events)
      if (kind === 'committed') this.#endGhost(ghostId, 'committed', nowMs);
    this.#picture.foldTrunk(events, nowMs);
  }

  /** The trunk is known up to a revision. */
  #heard(revision: number): void {
    this.#lostSinceMs = undefined;
    this.store.set({ revision, connection: { kind: 'live' }, notice: '' });
    this.#draw();
  }

  async #followGhosts(): Promise<void> {
    if (this.#isSeen() && this.store.get().isDrawn) await this.#askForGhosts();
    await this.#pause(ghostsMs);
  }

  async #askForGhosts(): Promise<void> {
    const { signal } = this.#ending;
    const told = await this.#call('show_tree', {}, signal);
    // What has become of those that are gone is told by the trunk, which has to be heard up to there first.
    if (count(told['revision']) > this.store.get().revision) return;
    const ghosts = list(told['ghosts']).map(ghostOfTold);
    const live = new Set(ghosts.map(({ id }) => id));
    const nowMs = this.#clock.nowMs();
    // Where there are more than are told, one that is not told may be among these.
    const isAll = told['more_ghosts'] !== true;
    for (const { id, phase } of this.#ghosts.all())
      if (isAll && phase === 'living' && !live.has(id)) this.#endGhost(id, 'reverted', nowMs);
    for (const ghost of ghosts) {
      if (this.#stagedOperations.get(ghost.id) === ghost.stagedOperations) continue;
      const given = { ghost_id: ghost.id, page_size: stagedAsked };
      const { differences } = await this.#call('diff', given, signal);
      this.#ghosts.set(factsOf(ghost, 'live'), list(differences).map(stagedOfTold), this.#clock.nowMs());
      this.#stagedOperations.set(ghost.id, ghost.stagedOperations);
    }
    this.#draw();
  }

  #endGhost(id: string, how: 'committed' | 'reverted', nowMs: number): void {
    const branch = this.#ghosts.get(id);
    if (branch === undefined) return;
    this.#stagedOperations.delete(id);
    this.#ghosts.set(factsOf(branch, how), undefined, nowMs);
  }

  async #load(paths: readonly string[]): Promise<void> {
    const { tree, openness } = this.#picture;
    const wanted = paths.filter((path) => tree.get(path) !== undefined);
    const { revision } = this.store.get();
    const moment = { ...(revision === 0 ? {} : { atRevision: revision }), signal: this.#ending.signal };
    try {
      await loadLevels(this.#reader, tree, openness, moment, wanted);
    } catch (error) {
      this.store.set({ notice: textOf(error) });
    }
  }

  #draw(): void {
    const graph = this.#picture.draw();
    const { marks, departures, ghosts } = this.#picture;
    this.store.set({ graph, marks, departures, branches: ghosts.all(), isDrawn: true });
    if (this.#picture.isMoving) this.#settleLater();
  }

  #settleLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#clock.after(120, () => {
      this.#isSettling = false;
      if (this.#picture.prune(this.#clock.nowMs())) this.#draw();
      else if (this.#picture.isMoving) this.#settleLater();
    });
  }

  /** Does something again and again; where it fails, the reader is told, and it is tried again a little later. */
  async #repeat(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (signal.aborted) return;
        this.#onLost(textOf(error));
        await this.#pause(retryMs);
      }
    }
  }

  #onLost(message: string): void {
    const nowMs = this.#clock.nowMs();
    const sinceMs = (this.#lostSinceMs ??= nowMs);
    const kind = nowMs - sinceMs > goneMs ? 'gone' : 'reconnecting';
    this.store.set({ connection: { kind, sinceMs, message } });
  }

  #pause(ms: number): Promise<void> {
    return pauseFor(this.#clock, ms, this.#ending.signal);
  }
}

function factsOf(
  { id, label, author, scope, parentId, commitPending }: Omit<ToldGhost, 'stagedOperations'>,
  state: 'live' | 'committed' | 'reverted',
): GhostFacts {
  return { id, label, author, scope, parentGhostId: parentId, commitPending, state, attempts: [], gates: [] };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

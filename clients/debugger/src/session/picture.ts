/** The picture of one forest: its tree, its ghosts, what is open of them, and what just happened to them. */
import type { Event } from '../../../typescript/src/browser.ts';
import { Ghosts } from '../model/ghosts.ts';
import { drawGraph, ghostKey, trunkKey, type Graph, emptyGraph, type Shape } from '../model/graph.ts';
import { Openness } from '../model/openness.ts';
import { lineOf } from '../model/path.ts';
import { Tree } from '../model/tree.ts';
import { changesOf, type TrunkStep } from './facts.ts';
import type { Departure, Mark } from './state.ts';

/** How long a mark stays on a node. */
const markMs = 1_400;
/** How long a node that went fades. */
const departureMs = 900;
/** More at once nobody can follow. */
const departuresMax = 150;
const marksMax = 400;

export class Picture {
  readonly openness = new Openness();
  ghosts = new Ghosts();
  tree = new Tree();
  graph: Graph = emptyGraph;
  shape: Shape = 'columns';
  marks: ReadonlyMap<string, Mark> = new Map();
  departures: readonly Departure[] = [];
  #count = 0;

  /** Folds what happened into tree and ghosts. */
  fold(events: readonly Event[], afterRevision: number, nowMs: number): void {
    for (const event of events) this.ghosts.apply(event, nowMs);
    this.foldTrunk(events.filter(({ revision }) => revision > afterRevision).map(trunkStepOf), nowMs);
  }

  /** Folds in what happened on the trunk. */
  foldTrunk(steps: readonly TrunkStep[], nowMs: number): void {
    const marks = new Map(this.marks);
    const departures = [...this.departures];
    for (const step of steps) this.#foldStep(step, nowMs, marks, departures);
    this.marks = new Map([...marks].slice(-marksMax));
    this.departures = departures.slice(-departuresMax);
  }

  #foldStep(step: TrunkStep, nowMs: number, marks: Map<string, Mark>, departures: Departure[]): void {
    const isSettling = step.kind === 'committed';
    const isRevert = step.kind === 'reverted';
    for (const change of step.changes) {
      const { grown, changed, removed } = this.tree.apply(change);
      for (const path of grown) {
        this.openness.grow(path, this.graph.nodes.length);
        this.#mark(marks, path, isSettling ? 'settled' : 'grown', nowMs);
      }
      for (const path of changed)
        this.#mark(marks, path, isRevert ? 'reverted' : isSettling ? 'settled' : 'changed', nowMs);
      for (const path of removed) {
        const node = this.graph.byKey.get(trunkKey(path));
        if (node === undefined) continue;
        departures.push({ node, kind: isRevert ? 'reverted' : 'removed', untilMs: nowMs + departureMs });
      }
    }
  }

  /** Marks what an event of the past has changed. */
  point(event: Event | undefined, nowMs: number): void {
    const marks = new Map<string, Mark>();
    for (const { path } of event?.changes ?? []) {
      const staged = event?.revision === 0 ? ghostKey(event.ghostId, path) : undefined;
      const nearest = lineOf(path).findLast((each) => this.tree.get(each) !== undefined) ?? '/';
      this.#mark(marks, staged ?? trunkKey(nearest), event?.revertedRevision ? 'reverted' : 'changed', nowMs);
    }
    this.marks = marks;
    this.departures = [];
  }

  /** Takes marks away whose time is over. True where anything went. */
  prune(nowMs: number): boolean {
    const hasGhosts = this.ghosts.prune(nowMs);
    const isMarkOver = [...this.marks.values()].some(({ untilMs }) => untilMs <= nowMs);
    if (isMarkOver) this.marks = new Map([...this.marks].filter(([, { untilMs }]) => untilMs > nowMs));
    const departures = this.departures.filter(({ untilMs }) => untilMs > nowMs);
    const isGone = departures.length !== this.departures.length;
    if (isGone) this.departures = departures;
    return hasGhosts || isMarkOver || isGone;
  }

  /** Whether something will be over by itself. */
  get isMoving(): boolean {
    const { marks, departures, ghosts } = this;
    if (marks.size > 0 || departures.length > 0) return true;
    return ghosts.all().some(({ phase, fallen }) => phase !== 'living' || fallen.size > 0);
  }

  draw(): Graph {
    const { tree, ghosts, openness } = this;
    this.graph = drawGraph(
      {
        tree,
        ghosts,
        isOpen: (path) => openness.isOpen(path),
        shownOf: (path) => openness.shownOf(path),
        shape: this.shape,
        soughtIn: (path) => openness.soughtIn(path),
      },
      this.graph,
    );
    return this.graph;
  }

  #mark(marks: Map<string, Mark>, key: string, kind: Mark['kind'], nowMs: number): void {
    this.#count += 1;
    marks.delete(key);
    marks.set(key, { kind, count: this.#count, untilMs: nowMs + markMs });
  }
}

function trunkStepOf(event: Event): TrunkStep {
  const isSettling = event.transition?.kind === 'committed';
  const kind = isSettling ? 'committed' : event.revertedRevision > 0 ? 'reverted' : 'published';
  return { changes: changesOf(event), kind };
}

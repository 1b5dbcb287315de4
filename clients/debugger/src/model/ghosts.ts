/**
 * Ghosts as the page shows them: branches that live, fall (reverted: shown in red for a moment, then pruned) or settle (committed: they
 * move to where their nodes are on the trunk now). Times are handed in; nothing here reads a clock.
 */
import type { Event, GhostInfo } from '../../../typescript/src/browser.ts';
import { isWithin } from './path.ts';

/** What is staged at a path. */
export interface Staged {
  readonly path: string;
  readonly action: 'set' | 'delete';
  readonly author: string;
}

/** Where a branch is in its life. */
export type GhostPhase = 'living' | 'falling' | 'settling';

/** A branch. Replaced, never edited. */
export interface GhostBranch {
  readonly id: string;
  readonly label: string;
  readonly author: string;
  readonly scope: string;
  readonly parentId: string;
  readonly phase: GhostPhase;
  /** Since when it falls or settles. */
  readonly sinceMs: number;
  readonly reason: string;
  readonly commitPending: boolean;
  readonly reviewers: readonly string[];
  readonly staged: ReadonlyMap<string, Staged>;
  /** Greater with each change of it, also where what is staged replaces what was. */
  readonly changes: number;
  /** Paths that were staged and went back to a checkpoint just now. */
  readonly fallen: ReadonlyMap<string, Staged>;
}

/** What the picture needs to know of a ghost. */
export type GhostFacts = Pick<
  GhostInfo,
  'id' | 'state' | 'label' | 'author' | 'scope' | 'parentGhostId' | 'attempts' | 'commitPending' | 'gates'
>;

/** How long a branch that is over stays in the picture. */
export const departureMs = 1_000;

export class Ghosts {
  readonly #branches = new Map<string, GhostBranch>();
  readonly #stale = new Set<string>();
  #version = 0;

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get(id: string): GhostBranch | undefined {
    return this.#branches.get(id);
  }

  /** Oldest first. */
  all(): readonly GhostBranch[] {
    return [...this.#branches.values()];
  }

  clear(): void {
    this.#branches.clear();
    this.#stale.clear();
    this.#version += 1;
  }

  /** Ghosts of which events could not tell enough: what is staged in them, or where their gates stand, has to be asked for. */
  takeStale(): readonly string[] {
    const ids = [...this.#stale];
    this.#stale.clear();
    return ids;
  }

  /** Takes a ghost as the broker has told it, with what is staged where that was asked for too. */
  set(info: GhostFacts, staged: readonly Staged[] | undefined, nowMs: number): void {
    const before = this.#branches.get(info.id);
    if (info.state !== 'live') {
      if (before?.phase === 'living') this.#end(info.id, info.state === 'committed', '', nowMs);
      return;
    }
    const next =
      staged === undefined
        ? (before?.staged ?? new Map<string, Staged>())
        : new Map(staged.map((each) => [each.path, each]));
    const gone = [...(before?.staged ?? [])].filter(([path]) => !next.has(path));
    this.#put({
      ...branchOf(info),
      staged: next,
      fallen: new Map(gone),
      sinceMs: gone.length > 0 ? nowMs : (before?.sinceMs ?? nowMs),
    });
  }

  /** Folds an event in. */
  apply(event: Event, nowMs: number): void {
    const { transition, ghostId } = event;
    if (transition === undefined) return;
    if (transition.kind === 'begun') {
      // What was told with the list of ghosts may be told once more by the stream.
      if (transition.ghost !== undefined && !this.#branches.has(ghostId))
        this.set(transition.ghost, [], nowMs);
      return;
    }
    const branch = this.#branches.get(ghostId);
    if (branch === undefined) {
      this.#stale.add(ghostId);
      return;
    }
    switch (transition.kind) {
      case 'staged':
        this.#put({ ...branch, staged: stage(branch.staged, event), commitPending: false });
        break;
      case 'rewound':
      case 'approved':
      case 'commit_requested':
        this.#put({ ...branch, commitPending: transition.kind !== 'rewound', reason: transition.reason });
        this.#stale.add(ghostId);
        break;
      case 'reverted':
      case 'expired':
      case 'committed':
        this.#finish(branch, event, nowMs);
        break;
      case 'checkpointed':
        break;
    }
  }

  /** Forgets a branch. */
  drop(id: string): void {
    if (this.#branches.delete(id)) this.#version += 1;
  }

  /** Takes what is over out of the picture. True where something went. */
  prune(nowMs: number): boolean {
    let isChanged = false;
    for (const branch of this.#branches.values()) {
      if (nowMs - branch.sinceMs < departureMs) continue;
      if (branch.phase !== 'living') this.#branches.delete(branch.id);
      else if (branch.fallen.size > 0) this.#branches.set(branch.id, { ...branch, fallen: new Map() });
      else continue;
      isChanged = true;
    }
    if (isChanged) this.#version += 1;
    return isChanged;
  }

  #finish(branch: GhostBranch, event: Event, nowMs: number): void {
    const isCommitted = event.transition?.kind === 'committed';
    const parent = this.#branches.get(branch.parentId);
    if (isCommitted && parent !== undefined) this.#put({ ...parent, staged: stage(parent.staged, event) });
    this.#end(branch.id, isCommitted, event.transition?.reason ?? '', nowMs);
  }

  /** Ends a branch and those that grow out of it. */
  #end(id: string, isCommitted: boolean, reason: string, sinceMs: number): void {
    const branch = this.#branches.get(id);
    if (branch?.phase !== 'living') return;
    this.#put({ ...branch, phase: isCommitted ? 'settling' : 'falling', reason, sinceMs });
    for (const inner of this.all()) if (inner.parentId === id) this.#end(inner.id, false, reason, sinceMs);
  }

  #put(branch: Omit<GhostBranch, 'changes'>): void {
    this.#version += 1;
    this.#branches.set(branch.id, { ...branch, changes: this.#version });
  }
}

function branchOf(info: GhostFacts): Omit<GhostBranch, 'staged' | 'changes' | 'fallen' | 'sinceMs'> {
  return {
    id: info.id,
    label: info.label,
    author: info.author,
    scope: info.scope,
    parentId: info.parentGhostId,
    phase: 'living',
    reason: info.attempts.at(-1)?.reason ?? '',
    commitPending: info.commitPending,
    reviewers: info.gates.flatMap(({ gate, state }) =>
      gate.kind === 'review' && state === 'pending' ? [gate.reviewer] : [],
    ),
  };
}

function stage(before: ReadonlyMap<string, Staged>, event: Event): ReadonlyMap<string, Staged> {
  const staged = new Map(before);
  for (const change of event.changes) {
    const author = change.author || event.author;
    if (change.action === 'delete') {
      for (const path of staged.keys()) if (isWithin(path, change.path)) staged.delete(path);
      staged.set(change.path, { path: change.path, action: 'delete', author });
    } else staged.set(change.path, { path: change.path, action: 'set', author });
  }
  return staged;
}

/** What came before a run of events. */
export interface EarlierGhosts {
  /** Ghosts that lived before all of these events, with what was staged in them. */
  readonly known: readonly { readonly info: GhostFacts; readonly staged: readonly Staged[] }[];
  /** Events of ghosts, oldest first. */
  readonly events: readonly Event[];
}

/** The ghosts that lived at a point of the past, as far as a run of events up to there tells, and what came before it. */
export function ghostsAfter(events: readonly Event[], earlier?: EarlierGhosts): Ghosts {
  const ghosts = new Ghosts();
  for (const { info, staged } of earlier?.known ?? []) ghosts.set(info, staged, 0);
  for (const event of earlier?.events ?? []) ghosts.apply(event, event.position);
  for (const event of events) ghosts.apply(event, event.position);
  // Moments of the past are positions, far from one another: only what has ended with the last event is still to be seen.
  const last = events.at(-1)?.position ?? 0;
  for (const branch of ghosts.all())
    if (branch.phase !== 'living' && branch.sinceMs !== last) ghosts.drop(branch.id);
  return ghosts;
}

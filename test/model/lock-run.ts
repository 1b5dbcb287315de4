/** One random run of the real locks against the naive ones. */
import { expect } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { decodeRecord, encodeRecord } from '../../src/codec/record.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command, Operation, Proposal } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Applied, Effects, ForestState } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { stagedDiffs } from '../../src/state/ghosts/ghost.ts';
import { lockProblems } from '../../src/state/locks/lock-invariants.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { formatPath } from '../../src/trie/path.ts';
import { throughSnapshot } from '../support/snapshots.ts';
import { bindAll, momentsOf, pathOf } from './lock-moments.ts';
import { NaiveLocks } from './naive-locks.ts';
import type { NaiveLock, NaiveMode } from './naive-locks.ts';

const sender = { author: 'an agent', request: null };
const paths = ['/', '/a', '/b', '/a/c', '/a/d', '/b/c', '/a/c/e', '/a/c/f'];
const modes = ['s', 'x', 'six', 's', 'x', 'ix', 'is'] as const;

export class LockRun {
  state: ForestState = emptyForest();
  /** How often what happened. */
  readonly seen = new Map<string, number>();
  readonly #random: Random;
  readonly #naive = new NaiveLocks();
  /** Bound nodes: path → lease. */
  readonly #bound = new Map<string, string>();
  readonly #roots: Root[] = [this.state.root];
  readonly #journal: { readonly proposal: Proposal; readonly effects: Effects }[] = [];
  /** Locks that were asked for together with their lease. */
  readonly #madeTogether = new Set<string>();
  #next = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  step(): void {
    const dice = this.#random.below(100);
    const { locks, leases } = this.#naive;
    if (dice < 24) this.#acquire();
    else if (dice < 38) this.#release();
    else if (dice < 40 && leases.length < 8) this.#grantLease();
    else if (dice < 43) this.#endLease(this.#random.below(2) === 0 ? 'end_lease' : 'expire_lease');
    else if (dice < 46) this.#endDelay();
    else if (dice < 58) this.#publish('');
    else this.#workInGhost();
    while (this.#naive.locks.length > 24) this.#release();
    if (locks.some(({ state }) => state === 'waiting')) this.#count('somebody waits');
    this.#check();
  }

  /** The journal alone leads to the same state. */
  replay(): void {
    const state = emptyForest();
    const roots: Root[] = [state.root];
    for (const { proposal, effects } of this.#journal) {
      const bytes = encodeRecord(proposal, effects).slice();
      const stored = decodeRecord(bytes, proposal.position);
      const applied = apply(state, stored.proposal, (revision) => roots[revision] as Root);
      expect(applied.effects).toStrictEqual(stored.effects);
      expect(stored.effects).toStrictEqual(effects);
      roots[state.revision] = state.root;
    }
    expect(forestHash(state)).toBe(forestHash(this.state));
  }

  endEverything(): void {
    for (const lease of [...this.#naive.leases]) this.#end(lease, 'end_lease');
    while (this.#naive.locks.length > 0) this.#endDelay();
  }

  #acquire(): void {
    const { leases } = this.#naive;
    const isNew = leases.length < 6 || this.#random.below(6) === 0;
    const lease = isNew ? `lease${this.#next++}` : this.#anyLease();
    const targets = this.#targets();
    const delayMs = this.#random.below(4) === 0 ? 100 : 0;
    const id = `lock${this.#next++}`;
    const noWait = this.#random.below(8) === 0;
    const applied = this.#apply({
      kind: 'acquire_lock',
      lockId: id,
      leaseId: lease,
      ttlMs: isNew ? 1_000 : 0,
      targets: targets.map(({ path, mode }) => ({ path: pathOf(path), mode })),
      noWait,
      delayMs,
      label: '',
      ...sender,
    });
    const lock: NaiveLock = { id, lease, targets, delayMs, state: 'waiting', token: 0 };
    this.#naive.locks.push(lock);
    if (isNew) this.#naive.leases.push(lease);
    if (isNew) this.#madeTogether.add(id);
    const mustWait = this.#naive.leasesBefore(lock).length > 0;
    const { outcome } = applied;
    if (outcome.kind !== 'rejected') {
      expect(mustWait && noWait, 'waits that were not wanted').toBe(false);
      this.#follow(applied, []);
      expect(outcome.kind).toBe(mustWait && lock.state !== 'held' ? 'lock_waiting' : 'lock_granted');
      return;
    }
    this.#count(`acquire_lock ${outcome.reason}`);
    expect(mustWait).toBe(true);
    expect(outcome.reason).toBe(noWait ? 'LOCKED' : 'DEADLOCK');
    if (!noWait) this.#checkCircle(outcome.circle ?? [], lease);
    this.#naive.locks.pop();
    if (isNew) this.#naive.leases.pop();
  }

  #release(): void {
    const { locks } = this.#naive;
    const lock = locks[this.#random.below(Math.max(1, locks.length))];
    if (lock === undefined) return;
    const endLease = this.#random.below(3) === 0;
    const isOwner = this.#random.below(10) > 0;
    const applied = this.#apply({
      kind: 'release_lock',
      lockId: lock.id,
      leaseId: isOwner ? lock.lease : 'another one',
      endLease,
      ...sender,
    });
    if (lock.state === 'delayed' || !isOwner) {
      const reason = lock.state === 'delayed' ? 'LOCK_NOT_FOUND' : 'NOT_LOCK_OWNER';
      expect(applied.outcome).toMatchObject({ kind: 'rejected', reason });
      return;
    }
    const kind = lock.state === 'held' ? 'released' : 'withdrawn';
    this.#drop(lock, kind !== 'released');
    if (endLease) this.#endIfBare(lock.lease);
    this.#follow(applied, [`${lock.id} ${kind} 0`]);
  }

  #grantLease(): void {
    const leaseId = `lease${this.#next++}`;
    const applied = this.#apply({ kind: 'grant_lease', leaseId, ttlMs: 1_000, label: '', ...sender });
    expect(applied.outcome.kind).toBe('lease_granted');
    this.#naive.leases.push(leaseId);
  }

  #endLease(kind: 'end_lease' | 'expire_lease'): void {
    if (this.#naive.leases.length > 0) this.#end(this.#anyLease(), kind);
  }

  #end(leaseId: string, kind: 'end_lease' | 'expire_lease'): void {
    const revision = this.state.revision;
    const applied = this.#apply({ kind, leaseId, ...sender });
    expect(applied.outcome.kind).toBe('lease_ended');
    const changes: string[] = [];
    for (const lock of this.#naive.locks.filter(({ lease }) => lease === leaseId)) {
      if (lock.state === 'delayed') continue;
      const isDelayed = lock.state === 'held' && kind === 'expire_lease' && lock.delayMs > 0;
      const change = isDelayed ? 'delayed' : lock.state === 'held' ? 'released' : 'withdrawn';
      changes.push(`${lock.id} ${change} 0`);
      if (isDelayed) lock.state = 'delayed';
      else this.#drop(lock, false);
    }
    this.#naive.leases = this.#naive.leases.filter((other) => other !== leaseId);
    const nodes = [...this.#bound].filter(([, lease]) => lease === leaseId).map(([path]) => path);
    expect(applied.effects.deletedPaths.map(formatPath).sort()).toStrictEqual(nodes.sort());
    expect(this.state.revision).toBe(revision + (nodes.length > 0 ? 1 : 0));
    if (nodes.length > 0) this.#count('leased nodes deleted');
    for (const path of nodes) this.#bound.delete(path);
    this.#follow(applied, changes);
  }

  #endDelay(): void {
    const lock = this.#naive.locks.find(({ state }) => state === 'delayed');
    if (lock === undefined) return;
    const applied = this.#apply({ kind: 'end_lock_delay', lockId: lock.id, ...sender });
    this.#naive.locks.splice(this.#naive.locks.indexOf(lock), 1);
    this.#follow(applied, [`${lock.id} released 0`]);
  }

  #publish(ghostId: string): void {
    const operations = Array.from({ length: 1 + this.#random.below(2) }, () => this.#operation());
    const common = { preconditions: [], label: '', basis: [], ...this.#tokens(operations), ...sender };
    const command = { kind: 'publish', ghostId, operations, ...common } as const;
    const expected = this.#fence(command.fencingTokens ?? [], operations);
    const { outcome } = this.#apply(command);
    this.#compareFence(ghostId === '' ? 'publish on the trunk' : 'publish in a ghost', outcome, expected);
    if (expected === 'LOCKED') {
      for (const { kind, path } of operations) {
        if (kind === 'copy') this.#count('copy: LOCKED');
        if (kind === 'delete' && path.length < 2) this.#count('delete of an ancestor: LOCKED');
      }
    }
    if (outcome.kind === 'published' && ghostId === '') bindAll(this.#bound, operations);
  }

  #workInGhost(): void {
    const ghosts = [...this.state.ghosts.keys()];
    const ghostId = ghosts[this.#random.below(Math.max(1, ghosts.length))] ?? '';
    const dice = this.#random.below(10);
    if (ghostId === '' || (dice === 0 && ghosts.length < 8)) this.#begin('');
    else if (dice === 1 && ghosts.length < 8) this.#begin(ghostId);
    else if (dice < 5) this.#publish(ghostId);
    else if (dice < 9) this.#commit(ghostId);
    else if (this.state.revision > 0) this.#revertRevision();
  }

  #begin(parentId: string): void {
    const begun = { scope: [], baseRevision: this.state.revision, parentId, ttlMs: 1_000, label: '' };
    this.#apply({ kind: 'begin_ghost', ghostId: `ghost${this.#next++}`, ...begun, ...sender });
  }

  #commit(ghostId: string): void {
    const ghost = this.state.ghosts.get(ghostId);
    if (ghost === undefined || ghost.children.size > 0) return;
    const operations = stagedDiffs(ghost.staged).flatMap((diff) => diff.operations);
    const command = { kind: 'commit_ghost', ghostId, isolation: 'writes', label: '', ...sender } as const;
    const fenced = { ...command, ...this.#tokens(operations) };
    const expected = this.#fence(fenced.fencingTokens ?? [], operations);
    const where = ghost.parentId === '' ? 'the trunk' : 'a parent';
    const { outcome } = this.#apply(fenced);
    this.#compareFence(`commit into ${where}`, outcome, expected);
    const isOver = operations.some(
      (operation) => 'leaseId' in operation && !this.#naive.leases.includes(operation.leaseId ?? ''),
    );
    if (expected === '' && isOver) expect(outcome).toMatchObject({ kind: 'rejected', reason: 'CONFLICT' });
    if (outcome.kind === 'committed' && ghost.parentId === '') bindAll(this.#bound, operations);
    if (outcome.kind === 'rejected') this.#apply({ kind: 'revert_ghost', ghostId, reason: '', ...sender });
  }

  #revertRevision(): void {
    const operations = [this.#operation()];
    const common = { revision: this.state.revision, preconditions: [], reason: '', ...this.#tokens() };
    const command = { kind: 'revert_revision', operations, ...common, ...sender } as const;
    const expected = this.#fence(command.fencingTokens ?? [], operations);
    const { outcome } = this.#apply(command);
    this.#compareFence('revert_revision', outcome, expected);
    if (outcome.kind === 'revision_reverted') bindAll(this.#bound, operations);
  }

  /** Compares what became of locks, and brings the naive table up to it. */
  #follow(applied: Applied, changes: string[]): void {
    const told = applied.effects.lockChanges.map(
      ({ lockId, kind, fencingToken }) => `${lockId} ${kind} ${fencingToken}`,
    );
    const expected = [...changes, ...this.#naive.settle()];
    for (const { lockId, circle } of applied.deadlocks) {
      const victim = this.#naive.locks.find(({ id }) => id === lockId);
      if (victim === undefined) throw new Error(`${lockId} is aborted, and not there`);
      this.#checkCircle(circle, victim.lease);
      this.#drop(victim, true);
      expected.push(`${lockId} aborted 0`, ...this.#naive.settle());
    }
    expect(told).toStrictEqual(expected);
    for (const { kind } of applied.effects.lockChanges) this.#count(kind);
  }

  /** Each waits for the next, the last for the first, and the first is the youngest. */
  #checkCircle(
    circle: readonly { readonly lockId: string; readonly leaseId: string }[],
    victim: string,
  ): void {
    expect(circle[0]?.leaseId).toBe(victim);
    const ages = circle.map(({ leaseId }) => this.#naive.leases.indexOf(leaseId));
    expect(Math.max(...ages)).toBe(ages[0]);
    for (const [index, { lockId }] of circle.entries()) {
      const lock = this.#naive.locks.find(({ id }) => id === lockId);
      const next = circle[(index + 1) % circle.length];
      expect(lock === undefined ? [] : this.#naive.leasesBefore(lock)).toContain(next?.leaseId);
    }
  }

  #check(): void {
    const { state } = this;
    expect(lockProblems(state.locks)).toStrictEqual([]);
    const real = Array.from(
      state.locks.list(),
      (lock) => `${lock.id} ${lock.leaseId} ${lock.state} ${lock.fencingToken}`,
    );
    const naive = this.#naive.locks.map((lock) => `${lock.id} ${lock.lease} ${lock.state} ${lock.token}`);
    expect(real).toStrictEqual(naive);
    expect([...state.leases.keys()]).toStrictEqual(this.#naive.leases);
    expect(this.#naive.circles()).toStrictEqual([]);
    const bound = new Map<string, string>();
    for (const { id, nodes } of state.leases.values()) for (const path of nodes.keys()) bound.set(path, id);
    expect(bound).toEqual(this.#bound);
    expect(state.bindings.size).toBe(this.#bound.size);
    const loaded = throughSnapshot(state);
    expect(forestHash(loaded)).toBe(forestHash(state));
    expect(lockProblems(loaded.locks)).toStrictEqual([]);
    if (this.#random.below(4) === 0) this.state = loaded;
  }

  #compareFence(what: string, outcome: Applied['outcome'], expected: string): void {
    const fences = ['LOCKED', 'STALE_FENCING_TOKEN', 'NOT_LOCK_OWNER'];
    const reason = outcome.kind === 'rejected' ? outcome.reason : '';
    if (expected === '' || expected === 'fine under a lock') expect(fences, what).not.toContain(reason);
    else expect(reason, what).toBe(expected);
    this.#count(`${what}: ${expected}`);
  }

  /** What fencing says to a write, with a note where it was let through by its tokens. */
  #fence(tokens: readonly number[], operations: readonly Operation[]): string {
    const locks = tokens.map((token) =>
      this.#naive.locks.find((lock) => lock.state === 'held' && lock.token === token),
    );
    const first = locks[0];
    const wrong = locks.findIndex((lock) => lock === undefined || lock.lease !== first?.lease);
    if (wrong >= 0) return locks[wrong] === undefined ? 'STALE_FENCING_TOKEN' : 'NOT_LOCK_OWNER';
    const moments = momentsOf(operations);
    if (this.#naive.obstacle(moments, first?.lease ?? '') !== undefined) return 'LOCKED';
    return this.#naive.obstacle(moments, '') === undefined ? '' : 'fine under a lock';
  }

  /** A lease that was made by asking for a lock ends with it unless it was granted. */
  #drop(lock: NaiveLock, wasWaiting: boolean): void {
    this.#naive.locks.splice(this.#naive.locks.indexOf(lock), 1);
    if (wasWaiting && this.#madeTogether.has(lock.id)) this.#endIfBare(lock.lease);
  }

  #endIfBare(leaseId: string): void {
    const hasNodes = [...this.#bound.values()].includes(leaseId);
    const hasLocks = this.#naive.locks.some(({ lease, state }) => lease === leaseId && state !== 'delayed');
    if (!hasNodes && !hasLocks) this.#naive.leases = this.#naive.leases.filter((other) => other !== leaseId);
  }

  #apply(command: Command): Applied {
    const position = this.state.position + 1;
    const proposal = { position, timeMs: position, command };
    const applied = apply(this.state, proposal, (revision) => this.#roots[revision] as Root);
    this.#roots[this.state.revision] = this.state.root;
    if (applied.recorded) this.#journal.push({ proposal, effects: applied.effects });
    return applied;
  }

  #tokens(operations: readonly Operation[] = []): { readonly fencingTokens?: readonly number[] } {
    const dice = this.#random.below(10);
    const inTheWay = this.#naive.obstacle(momentsOf(operations), '');
    if (dice > 6 && inTheWay?.state === 'held') return { fencingTokens: [inTheWay.token] };
    if (dice < 4) return {};
    const held = this.#naive.locks.filter(({ state }) => state === 'held');
    const lock = held[this.#random.below(Math.max(1, held.length))];
    if (lock === undefined || dice === 4)
      return { fencingTokens: [1 + this.#random.below(this.#naive.token + 1)] };
    if (dice > 5) return { fencingTokens: [lock.token] };
    return { fencingTokens: [lock.token, held[this.#random.below(held.length)]?.token ?? 1] };
  }

  #operation(): Operation {
    const path = pathOf(paths[1 + this.#random.below(paths.length - 1)] ?? '');
    const value = { kind: 'text', data: 'x', bytes: 1, type: '' } as const;
    switch (this.#random.below(9)) {
      case 0:
        return { kind: 'append', path, addition: value };
      case 1:
        return { kind: 'delete', path, scope: 'node' };
      case 2:
        return { kind: 'delete', path, scope: 'subtree' };
      case 3:
        return {
          kind: 'copy',
          path,
          // Nothing lies below it, so that copies of copies do not grow.
          source: ['a', 'c', 'e'],
          sourceRevision: 0,
        };
      case 4:
      case 5: {
        const leaseId = this.#anyLease();
        return leaseId === '' ? { kind: 'put', path, value } : { kind: 'put', path, value, leaseId };
      }
      default:
        return { kind: 'put', path, value };
    }
  }

  #targets(): { path: string; mode: NaiveMode }[] {
    const count = this.#random.below(4) === 0 ? 2 : 1;
    return Array.from({ length: count }, () => ({
      // The whole forest only now and then: it stands in everybody's way.
      path: paths[this.#random.below(12) === 0 ? 0 : 1 + this.#random.below(paths.length - 1)] ?? '/',
      mode: modes[this.#random.below(modes.length)] ?? 's',
    }));
  }

  #anyLease(): string {
    const { leases } = this.#naive;
    return leases[this.#random.below(Math.max(1, leases.length))] ?? '';
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

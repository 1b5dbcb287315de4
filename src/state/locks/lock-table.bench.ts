/**
 * What locks cost in the state machine: `node --expose-gc src/state/locks/lock-table.bench.ts [--smoke]`. Cases: a publish as a
 * yardstick; acquire and release of a free lock while 0 to 100,000 others are held; queues of 100 to 10,000 on one node,
 * joined one after the other and drained by as many releases, for writers, for readers behind a writer, and for owners that
 * hold something of their own that others wait for, so that circles are searched. CPU µs of the
 * process an operation, the collector's included; the median of the runs.
 */
import { apply } from '../apply.ts';
import type { Command } from '../command.ts';
import { emptyForest } from '../forest.ts';
import type { ForestState } from '../forest.ts';
import type { LockMode } from './lock.ts';

const isSmoke = process.argv.includes('--smoke');
const runs = isSmoke ? 1 : 3;
const rounds = isSmoke ? 200 : 20_000;
const heldCounts = isSmoke ? [0, 100] : [0, 1_000, 10_000, 100_000];
const queueLengths = isSmoke ? [100] : [100, 1_000, 10_000];

const sender = { author: 'agent_7', request: null };
const value = { kind: 'text', data: 'x'.repeat(200), bytes: 200, type: '' } as const;

let next = 0;
console.log(`node ${process.version}, µs an operation, median of ${runs}`);
report('publish', () => publishes(emptyForest(), rounds));
for (const held of heldCounts) {
  const state = emptyForest();
  const before = memory();
  for (let index = 0; index < held; index += 1) acquire(state, `h${index}`, 'x', pathOf(index), 1_000);
  const bytes = held === 0 ? 0 : Math.round((memory() - before) / held);
  report(`acquire + release, ${held} held (${bytes} bytes each)`, () => pairs(state, rounds, false));
  report(`acquire + release by one lease on one path, ${held} held`, () => pairs(state, rounds, true));
  if (held > 0) report(`publish, ${held} held elsewhere`, () => publishes(state, rounds));
}
for (const length of queueLengths) {
  report(`a writer in a queue of ${length}`, () => drain(length, 'x', false));
  report(`a reader behind a writer, ${length} of them`, () => drain(length, 's', false));
  report(`a writer in a queue of ${length}, each waited for`, () => drain(length, 'x', true));
}

function publishes(state: ForestState, count: number): number {
  const start = process.cpuUsage();
  for (let index = 0; index < count; index += 1) {
    const operations = [
      { kind: 'put', path: ['other', `agent_${index % 50}`, `note_${index % 1_000}`], value } as const,
    ];
    run(state, {
      kind: 'publish',
      ghostId: '',
      operations,
      preconditions: [],
      label: '',
      basis: [],
      ...sender,
    });
  }
  return perOperation(start, count);
}

/** `isSame`: one lease, one path; otherwise all are new each time. */
function pairs(state: ForestState, count: number, isSame: boolean): number {
  const start = process.cpuUsage();
  if (isSame) acquire(state, 'kept', 'x', ['kept'], 1_000, 'one lease');
  for (let index = 0; index < count; index += 1) {
    next += 1;
    const path = isSame ? ['session_1', 'plan'] : pathOf(1_000_000 + next);
    acquire(state, `l${next}`, 'x', path, isSame ? 0 : 1_000, isSame ? 'one lease' : `lease ${next}`);
    release(state, `l${next}`);
  }
  if (isSame) release(state, 'kept');
  return perOperation(start, count);
}

/** One holds a node, `length` others join its queue, and all give it back in turn. */
function drain(length: number, mode: LockMode, isWaitedFor: boolean): number {
  const state = emptyForest();
  acquire(state, 'first', 'x', ['s', 'hot'], 1_000);
  if (isWaitedFor) {
    for (let index = 0; index < length; index += 1) {
      acquire(state, `own${index}`, 'x', pathOf(index), 1_000, `lease${index}`);
      acquire(state, `other${index}`, 'x', pathOf(index), 1_000);
    }
  }
  const start = process.cpuUsage();
  for (let index = 0; index < length; index += 1) {
    acquire(state, `q${index}`, mode, ['s', 'hot'], isWaitedFor ? 0 : 1_000, `lease${index}`);
  }
  release(state, 'first');
  for (let index = 0; index < length; index += 1) release(state, `q${index}`);
  const cost = perOperation(start, length);
  if (state.locks.get(`q${length - 1}`) !== undefined || state.locks.waiting > length)
    throw new Error('not everybody had its turn');
  return cost;
}

function pathOf(index: number): readonly string[] {
  return [`session_${index % 100}`, `agent_${index % 1_000}`, `task_${index}`];
}

function acquire(
  state: ForestState,
  lockId: string,
  mode: LockMode,
  path: readonly string[],
  ttlMs: number,
  leaseId = `lease of ${lockId}`,
): void {
  const how = { ttlMs, noWait: false, delayMs: 0, label: '' };
  run(state, { kind: 'acquire_lock', lockId, leaseId, targets: [{ path, mode }], ...how, ...sender });
}

function release(state: ForestState, lockId: string): void {
  run(state, { kind: 'release_lock', lockId, leaseId: '', endLease: true, ...sender });
}

function run(state: ForestState, command: Command): void {
  const position = state.position + 1;
  const { outcome } = apply(state, { position, timeMs: position, command }, () => state.root);
  if (outcome.kind === 'rejected') throw new Error(outcome.message);
}

function perOperation(start: NodeJS.CpuUsage, count: number): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}

function report(name: string, measure: () => number): void {
  measure();
  const all = Array.from({ length: runs }, measure).sort((a, b) => a - b);
  console.log(`${name}: ${(all[Math.floor(runs / 2)] ?? 0).toFixed(2)}`);
}

function memory(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

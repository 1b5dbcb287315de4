/**
 * Scripts about locks. A line is a command, `# a comment`, or, indented, what the line before led to:
 *
 *   lease L                            L takes a lease
 *   lock L ID MODE PATH[ MODE PATH…] [nowait] [delay]
 *                                      L asks for a lock; a lease that is not there is taken with it
 *   release ID                         gives it back, or stops waiting for it
 *   end L, expire L                    ends the lease
 *   quiet ID                           the delay of a lock whose holder vanished is over
 *   write PATH [TOKEN…], clear PATH [TOKEN…]
 *                                      puts a node; deletes a subtree
 *   bind L PATH                        puts a node that lives with the lease
 */
import { expect } from 'vitest';
import { decodeRecord, encodeRecord } from '../../src/codec/record.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command, Operation } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Applied, ForestState } from '../../src/state/forest.ts';
import { lockLine, lockProblems } from '../../src/state/locks/lock-invariants.ts';
import type { LockMode } from '../../src/state/locks/lock.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { formatPath, parsePath } from '../../src/trie/path.ts';
import { throughSnapshot } from '../support/snapshots.ts';

const sender = { author: 'agent', request: null };

/** The script with what every command leads to. */
export function runScript(text: string): string {
  let state = emptyForest();
  const journal: Uint8Array[] = [];
  const told: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) continue;
    told.push(line);
    if (line === '' || line.startsWith('#')) continue;
    state = restarted(state);
    const position = state.position + 1;
    const proposal = { position, timeMs: position * 1_000, command: commandOf(state, line) };
    const applied = apply(state, proposal, () => state.root);
    if (applied.recorded) journal.push(encodeRecord(proposal, applied.effects).slice());
    told.push(
      ...outcomeLines(applied).map((each) => `  ${each}`),
      ...tableLines(state).map((each) => `  | ${each}`),
    );
    expect(lockProblems(state.locks), line).toStrictEqual([]);
  }
  expect(forestHash(replayed(journal))).toBe(forestHash(state));
  return told.join('\n');
}

function commandOf(state: ForestState, line: string): Command {
  const [verb = '', ...words] = line.split(' ');
  const [first = '', second = ''] = words;
  switch (verb) {
    case 'lease':
      return { kind: 'grant_lease', leaseId: first, ttlMs: 1_000, label: '', ...sender };
    case 'lock':
      return acquire(state, words);
    case 'release':
      return { kind: 'release_lock', lockId: first, leaseId: '', endLease: false, ...sender };
    case 'end':
      return { kind: 'end_lease', leaseId: first, ...sender };
    case 'expire':
      return { kind: 'expire_lease', leaseId: first, ...sender };
    case 'quiet':
      return { kind: 'end_lock_delay', lockId: first, ...sender };
    case 'write':
      return publish({ kind: 'put', path: pathOf(first), value }, words.slice(1));
    case 'clear':
      return publish({ kind: 'delete', path: pathOf(first), scope: 'subtree' }, words.slice(1));
    case 'bind':
      return publish({ kind: 'put', path: pathOf(second), value, leaseId: first }, []);
    default:
      throw new Error(`no such command: ${line}`);
  }
}

const value = { kind: 'text', data: 'x', bytes: 1, type: '' } as const;

function acquire(state: ForestState, words: readonly string[]): Command {
  const [leaseId = '', lockId = ''] = words;
  const rights = words.slice(2).filter((word) => word !== 'nowait' && word !== 'delay');
  const targets = rights.flatMap((mode, index) =>
    index % 2 === 0 ? [{ mode: mode as LockMode, path: pathOf(rights[index + 1] ?? '') }] : [],
  );
  const ttlMs = state.leases.has(leaseId) ? 0 : 1_000;
  const delayMs = words.includes('delay') ? 5_000 : 0;
  const how = { noWait: words.includes('nowait'), delayMs, ttlMs };
  return { kind: 'acquire_lock', lockId, leaseId, targets, label: '', ...how, ...sender };
}

function publish(operation: Operation, tokens: readonly string[]): Command {
  const fencing = tokens.length === 0 ? {} : { fencingTokens: tokens.map(Number) };
  const common = { ghostId: '', preconditions: [], label: '', basis: [], ...fencing, ...sender };
  return { kind: 'publish', operations: [operation], ...common };
}

function outcomeLines({ outcome, effects, deadlocks }: Applied): string[] {
  const lines: string[] = [];
  if (outcome.kind === 'rejected') {
    const { lock_id: lockId, path } = outcome.metadata;
    const where = [path, lockId].filter((word) => word !== undefined).join(' ');
    lines.push(`refused: ${outcome.reason}${where === '' ? '' : ` (${where})`}`);
    if (outcome.circle !== undefined) lines.push(circleLine(outcome.circle));
  } else if (outcome.kind === 'published') {
    lines.push(`revision ${outcome.revision}`);
  } else if (outcome.kind === 'lock_waiting') {
    lines.push('it waits');
  }
  for (const { lockId, kind, fencingToken } of effects.lockChanges) {
    lines.push(`${lockId} is ${kind}${kind === 'granted' ? `, token ${fencingToken}` : ''}`);
    const deadlock = kind === 'aborted' ? deadlocks.find((each) => each.lockId === lockId) : undefined;
    if (deadlock !== undefined) lines.push(circleLine(deadlock.circle));
  }
  if (effects.deletedPaths.length > 0)
    lines.push(`revision ${effects.revision} deletes ${effects.deletedPaths.map(formatPath).join(', ')}`);
  return lines;
}

function circleLine(circle: readonly { readonly lockId: string; readonly leaseId: string }[]): string {
  const members = circle.map(({ lockId, leaseId }) => `${lockId} of ${leaseId}`);
  return `circle: ${[...members, members[0] ?? ''].join(' → ')}`;
}

/** The whole table, in the order of requests, and whom each waiter waits for first. */
function tableLines(state: ForestState): string[] {
  return Array.from(state.locks.list(), (lock) => {
    const entry = state.locks.entry(lock.id);
    const before = entry === undefined ? null : state.locks.standsBefore(entry);
    return before === null ? lockLine(lock) : `${lockLine(lock)}, behind ${before.lock.id}`;
  });
}

function restarted(state: ForestState): ForestState {
  const loaded = throughSnapshot(state);
  expect(forestHash(loaded)).toBe(forestHash(state));
  expect(tableLines(loaded)).toStrictEqual(tableLines(state));
  return loaded;
}

function replayed(journal: readonly Uint8Array[]): ForestState {
  const state = emptyForest();
  for (const [index, bytes] of journal.entries()) {
    const { proposal, effects } = decodeRecord(bytes, index + 1);
    expect(apply(state, proposal, () => state.root).effects).toStrictEqual(effects);
  }
  return state;
}

function pathOf(text: string): readonly string[] {
  const path = parsePath(text);
  if ('problem' in path) throw new Error(`${text}: ${path.problem}`);
  return path;
}

/**
 * Goal: what the stories in `test/scenario/ghosts` leave out: the numbers of editions, limits of tables, and commits that are
 * approved while something else happens. Method: the state machine alone.
 */
import { expect, test } from 'vitest';
import { put } from '../../../test/support/forests.ts';
import { common, Machine } from '../../../test/support/machine.ts';
import { throughSnapshot } from '../../../test/support/snapshots.ts';
import { racesKeptMax, raceAttemptsMax, requestIdAgeMsMax, revertReasonsKeptMax } from '../../base/limits.ts';
import type { BeginGhost, Command } from '../command.ts';
import { approvedCommit } from './gates.ts';
import { editionOf } from './edition.ts';
import type { Ghost } from './ghost.ts';

const begin = {
  kind: 'begin_ghost',
  scope: [],
  baseRevision: 0,
  parentId: '',
  ttlMs: 1_000,
  label: '',
} as const;
const reviewed = [{ kind: 'review', reviewer: 'ada' }] as const;
const rewind = { kind: 'rewind_ghost', checkpoint: '', reason: 'r', ...common } as const;
const commit = { kind: 'commit_ghost', isolation: 'writes', label: '', ...common } as const;

function gated(machine: Machine, ghostId = 'g', more: Partial<BeginGhost> = {}): Ghost {
  machine.apply({ ...begin, ghostId, gates: reviewed, ...more, ...common });
  return ghostOf(machine, ghostId);
}

function ghostOf(machine: Machine, ghostId: string): Ghost {
  const ghost = machine.state.ghosts.get(ghostId);
  if (ghost === undefined) throw new Error(`no ghost ${ghostId}`);
  return ghost;
}

function approve(ghost: Ghost): Command {
  const decision = { ghostId: ghost.id, reviewer: 'ada', edition: editionOf(ghost), approved: true };
  return { kind: 'review_ghost', ...decision, reason: '', ...common };
}

test('an edition never comes twice, however much of a ghost is forgotten, and is the same after a restart', () => {
  const machine = new Machine();
  const ghost = gated(machine);
  const seen = new Set([editionOf(ghost)]);
  for (let round = 0; round < revertReasonsKeptMax + 8; round += 1) {
    machine.publish([put('/a', '1')], 'g');
    seen.add(editionOf(ghost));
    machine.apply({ ...rewind, ghostId: 'g' });
    seen.add(editionOf(ghost));
  }
  expect(seen.size).toBe(1 + 2 * (revertReasonsKeptMax + 8));
  expect(ghost.attempts).toHaveLength(revertReasonsKeptMax);
  const restarted = throughSnapshot(machine.state);
  expect(restarted.ghosts.get('g')).toMatchObject({ attemptsMade: ghost.attemptsMade });
  machine.revert('g');
  const over = machine.state.ended.get('g');
  expect(throughSnapshot(machine.state).ended.get('g')).toEqual(over);
});

test('a commit that was approved is not proposed for anything else, and its refusal is recorded only once it counts', () => {
  const machine = new Machine();
  const ghost = gated(machine);
  machine.publish([put('/a', '1')], 'g');
  machine.apply({ ...commit, ghostId: 'g' });
  machine.apply(approve(ghost));
  const approved = approvedCommit(ghost);
  expect(approved).toMatchObject({ approvedEdition: editionOf(ghost), request: null });
  if (approved === null) throw new Error('nothing was approved');
  machine.publish([put('/a', '2')], 'g');
  expect(approvedCommit(ghost)).toBeNull();
  const late = machine.applied(approved);
  expect(late).toMatchObject({ recorded: false, outcome: { reason: 'REVIEW_OUTDATED' } });

  machine.apply({ ...commit, ghostId: 'g' });
  machine.publish([put('/a', 'trunk')]);
  machine.apply(approve(ghost));
  const pending = ghost.pendingCommit;
  const refused = machine.applied(approvedCommit(ghost) ?? approved);
  expect(refused).toMatchObject({
    recorded: true,
    outcome: { reason: 'CONFLICT' },
    effects: { rejected: true },
  });
  expect(ghost.pendingCommit).toBeNull();
  expect(pending?.outcome).toMatchObject({ reason: 'CONFLICT', conflicts: [{ kind: 'value' }] });
});

test('who asks again says how it is to be committed, and keeps the place of who asked first', () => {
  const machine = new Machine();
  const ghost = gated(machine);
  machine.timeMs = 5;
  machine.apply({ ...commit, ghostId: 'g', label: 'first' });
  const first = ghost.pendingCommit;
  machine.timeMs = 9;
  machine.apply({ ...commit, ghostId: 'g', label: 'second', isolation: 'serializable' });
  expect(ghost.pendingCommit).toBe(first);
  expect(first).toMatchObject({ timeMs: 5, command: { label: 'second', isolation: 'serializable' } });
});

test('requests that wait are forgotten with all others of their age, and settle nothing then', () => {
  const machine = new Machine();
  const ghost = gated(machine);
  const ask = (id: string): unknown =>
    machine.apply({ ...commit, ghostId: 'g', request: { id, fingerprint: 1 } });
  ask('old');
  machine.timeMs = requestIdAgeMsMax + 1;
  ask('new');
  machine.timeMs = requestIdAgeMsMax + 2;
  ask('newer');
  expect([...(ghost.pendingCommit?.requestIds ?? [])]).toEqual(['new', 'newer']);
  machine.revert('g');
  expect(machine.state.requests.find('old')).toBeUndefined();
  expect(machine.state.requests.find('newer')?.outcome).toMatchObject({ reason: 'GHOST_OVER' });
});

test('of races that are over the newest are remembered; one that goes on is never forgotten', () => {
  const machine = new Machine();
  machine.apply({ ...begin, ghostId: 'stays', raceId: 'goes on', ...common });
  for (let index = 0; index < racesKeptMax + 5; index += 1) {
    machine.apply({ ...begin, ghostId: `g${index}`, raceId: `r${index}`, ...common });
    machine.revert(`g${index}`);
  }
  expect([machine.state.endedRaces.size, machine.state.races.size]).toEqual([racesKeptMax, 1]);
  expect(machine.state.endedRaces.has('r4')).toBe(false);
  expect(machine.state.endedRaces.get('r5')).toMatchObject({ attempts: 1, attemptsMax: raceAttemptsMax });
  expect(throughSnapshot(machine.state).endedRaces).toEqual(machine.state.endedRaces);
});

test('a ghost of a lease ends with it, and its race and its commit know', () => {
  const machine = new Machine();
  machine.apply({ kind: 'grant_lease', leaseId: 'l', ttlMs: 1_000, label: '', ...common });
  const ghost = gated(machine, 'g', { leaseId: 'l', raceId: 'r' });
  expect(machine.state.leases.get('l')?.ghostIds).toEqual(new Set(['g']));
  machine.apply({ ...commit, ghostId: 'g', request: { id: 'c', fingerprint: 1 } });
  const { effects } = machine.applied({ kind: 'expire_lease', leaseId: 'l', ...common });
  expect(effects.endedGhostIds).toEqual(['g']);
  expect(ghost.pendingCommit).toBeNull();
  expect(machine.state.requests.find('c')?.outcome).toMatchObject({ metadata: { state: 'expired' } });
  expect(machine.state.races.size).toBe(0);
});

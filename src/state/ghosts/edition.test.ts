/**
 * Goal: nobody builds on work in a ghost that a crash has taken, and nobody is held up where nothing was lost. Method: two machines
 * play the same commands; the second one loses the last of them, as a journal that was not synced does, and goes on in another run.
 */
import { describe, expect, test } from 'vitest';
import { publish, put } from '../../../test/support/forests.ts';
import { common, Machine } from '../../../test/support/machine.ts';
import { ghostRunsKeptMax } from '../../base/limits.ts';
import { editionOf } from './edition.ts';

/** A machine in its first run, with a ghost `g` in which two diffs are staged. */
function started(): Machine {
  const machine = new Machine();
  machine.run = 7;
  machine.begin('g');
  machine.publish([put('/a', '1')], 'g');
  machine.publish([put('/b', '2')], 'g');
  return machine;
}

function edition(machine: Machine): number {
  const ghost = machine.state.ghosts.get('g');
  if (ghost === undefined) throw new Error('the ghost is over');
  return editionOf(ghost);
}

function staged(machine: Machine, known?: number): string {
  const command = publish([put('/c', '3')], { ghostId: 'g' });
  return machine.told(known === undefined ? command : { ...command, edition: known });
}

function committed(machine: Machine, known?: number): string {
  const command = { kind: 'commit_ghost', ghostId: 'g', isolation: 'writes', label: '', ...common } as const;
  return machine.told(known === undefined ? command : { ...command, edition: known });
}

const rewound = { kind: 'rewind_ghost', ghostId: 'g', checkpoint: '', reason: 'wrong', ...common } as const;

describe('within one run', () => {
  test('editions grow with every change, and nobody must say one', () => {
    const machine = started();
    const before = edition(machine);
    expect(staged(machine)).toBe('published');
    expect(edition(machine)).toBeGreaterThan(before);
    machine.apply(rewound);
    expect(edition(machine)).toBeGreaterThan(before + 1);
    expect(committed(machine)).toBe('committed');
  });

  test('an edition of before is as good as the present one: others may have staged since', () => {
    const machine = started();
    const known = edition(machine);
    staged(machine);
    expect(staged(machine, known)).toBe('published');
  });

  test('one that does not exist yet is refused', () => {
    const machine = started();
    expect(staged(machine, edition(machine) + 1)).toBe('GHOST_INTERRUPTED');
  });
});

describe('after a restart', () => {
  test('a ghost that lost nothing goes on, for who says what it knows', () => {
    const machine = started();
    const known = edition(machine);
    machine.run = 8;
    expect(staged(machine)).toBe('GHOST_INTERRUPTED');
    expect(committed(machine)).toBe('GHOST_INTERRUPTED');
    expect(staged(machine, known)).toBe('published');
    expect(committed(machine, known)).toBe('committed');
  });

  test('who knows a diff that is lost is refused, also when others have staged as many since', () => {
    const told = started();
    staged(told);
    const known = edition(told);
    const machine = started();
    const left = edition(machine);
    machine.run = 8;
    expect(staged(machine, known)).toBe('GHOST_INTERRUPTED');
    for (let count = 0; count < 5; count += 1) expect(staged(machine, left)).toBe('published');
    expect(committed(machine, known)).toBe('GHOST_INTERRUPTED');
    expect(committed(machine, edition(machine))).toBe('committed');
  });

  test('who knows a return to a checkpoint that is lost cannot commit what it has reverted', () => {
    const told = started();
    told.apply(rewound);
    const machine = started();
    machine.run = 8;
    expect(committed(machine, edition(told))).toBe('GHOST_INTERRUPTED');
    expect(machine.apply(rewound)).toMatchObject({ kind: 'ghost_reverted' });
    expect(committed(machine, edition(machine))).toBe('committed');
    expect(machine.at('/a')).toBeUndefined();
  });

  test('checkpoints and ghosts in the ghost ask for it as well; dropping it does not', () => {
    const machine = started();
    const known = edition(machine);
    machine.run = 8;
    const checkpoint = { kind: 'checkpoint_ghost', ghostId: 'g', name: 'here', ...common } as const;
    expect(machine.told(checkpoint)).toBe('GHOST_INTERRUPTED');
    expect(machine.told({ ...checkpoint, edition: known })).toBe('checkpointed');
    const inner = { scope: [], baseRevision: 0, parentId: 'g', ttlMs: 60_000, label: '', ...common } as const;
    expect(machine.told({ kind: 'begin_ghost', ghostId: 'h', ...inner })).toBe('GHOST_INTERRUPTED');
    expect(machine.told({ kind: 'begin_ghost', ghostId: 'h', ...inner, parentEdition: known })).toBe(
      'ghost_begun',
    );
    expect(machine.revert('g')).toMatchObject({ kind: 'ghost_reverted' });
  });

  test('editions of many runs ago are forgotten, and refused', () => {
    const machine = started();
    const first = edition(machine);
    let newest = first;
    for (let run = 8; run < 8 + ghostRunsKeptMax; run += 1) {
      machine.run = run;
      expect(staged(machine, newest)).toBe('published');
      newest = edition(machine);
    }
    expect(staged(machine, first)).toBe('published');
    machine.run = 100;
    staged(machine, newest);
    expect(staged(machine, first)).toBe('GHOST_INTERRUPTED');
    expect(machine.state.ghosts.get('g')?.earlierEditions).toHaveLength(ghostRunsKeptMax);
  });

  test('who committed a ghost into it, which is lost, cannot commit without it', () => {
    const inner = { scope: [], baseRevision: 0, parentId: 'g', ttlMs: 60_000, label: '', ...common } as const;
    const told = started();
    told.apply({ kind: 'begin_ghost', ghostId: 'h', ...inner });
    told.apply(publish([put('/b', 'of the child')], { ghostId: 'h' }));
    const outcome = told.commit('h');
    const known = outcome.kind === 'committed' ? outcome.parentEdition : undefined;
    expect(known).toBe(edition(told));
    const machine = started();
    machine.run = 8;
    expect(committed(machine, known)).toBe('GHOST_INTERRUPTED');
    expect(committed(told, known)).toBe('committed');
  });
});

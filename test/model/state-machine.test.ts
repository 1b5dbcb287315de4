/**
 * Goal: the state machine does exactly what its definition says, for any sequence of commands.
 * Method: seeded random commands go to the real one and to a naive one made of copied maps (naive-forest.ts,
 * naive-gates.ts, naive-schemas.ts). After every command the outcome, and regularly the whole trunk, all ghosts, gates and races, are compared:
 * values, stamps, versions, authors, editions. Old roots are kept and compared again at the end, so that whatever edits a
 * published node is found.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { expectedOfSchemas, expectedTold } from './naive-gates.ts';
import { Run } from './state-machine-run.ts';

const seeds = [1, 2, 3, 4, 5];
const commandsPerSeed = Number(process.env['MODEL_COMMANDS'] ?? 5_000);

describe.each(seeds)('with seed %i', (seed) => {
  test(
    `the state machine equals the naive one over ${commandsPerSeed} commands`,
    { timeout: 300_000 },
    () => {
      const run = new Run(seededRandom(seed), 'plain');
      for (let index = 0; index < commandsPerSeed; index += 1) run.step(index);
      run.compareEverything('all');
      run.compareOldRoots();
      expect(run.accepted).toBeGreaterThan(commandsPerSeed / 4);
      expect([...run.kinds.keys()].sort()).toEqual(
        ['begin_ghost', 'checkpoint_ghost', 'commit_ghost', 'publish', 'revert_ghost', 'rewind_ghost'].sort(),
      );
      expect(run.conflicts).toBeGreaterThan(20);
      expect(run.rebased).toBeGreaterThan(15);
    },
  );
});

describe.each([6, 7, 8])('with gates, reviewers and races, and seed %i', (seed) => {
  test(
    `the state machine equals the naive one over ${commandsPerSeed} commands`,
    { timeout: 300_000 },
    () => {
      const run = new Run(seededRandom(seed), 'gated');
      for (let index = 0; index < commandsPerSeed; index += 1) run.step(index);
      run.compareEverything('all');
      expect(run.accepted).toBeGreaterThan(commandsPerSeed / 4);
      expect(run.conflicts).toBeGreaterThan(20);
      for (const told of ['commit_ghost', 'review_ghost', 'rewind_ghost'])
        expect(run.kinds.get(told) ?? 0, told).toBeGreaterThan(20);
      expect([...run.told].sort()).toEqual([...expectedTold].sort());
    },
  );
});

describe.each([9, 10, 11])('with schemas besides, and seed %i', (seed) => {
  test(
    `the state machine equals the naive one over ${commandsPerSeed} commands, and the trunk fits`,
    { timeout: 300_000 },
    () => {
      const run = new Run(seededRandom(seed), 'typed');
      for (let index = 0; index < commandsPerSeed; index += 1) run.step(index);
      run.compareEverything('all');
      expect(run.accepted).toBeGreaterThan(commandsPerSeed / 4);
      expect(run.kinds.get('commit_ghost') ?? 0).toBeGreaterThan(20);
      expect([...run.told].sort()).toEqual([...expectedTold, ...expectedOfSchemas].sort());
    },
  );
});

/**
 * Goal: the broker keeps every promise of the design whatever happens to its machine, disk and network; and this simulator would
 * notice if it did not. Method: the whole broker behind its transport on a simulated clock, disk and network, 2,000 seeds; a disk
 * that lies; and mistakes put into the broker's source on purpose. Each run depends on its seed alone.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { faultKinds, guarantees } from './guarantees.ts';
import { mutants } from './mutants.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
/** What all agents together must meet in as many seeds, so that none of it falls asleep. */
const seeds = 2_000;

/** Runs the simulator in a process of its own. */
function run(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}

describe('no promise is broken', () => {
  test('in 2,000 seeds, in which every fault happens and every guarantee is checked', async () => {
    const { code, output } = await run('--seeds', String(seeds), '--jobs', '2');
    expect(code, output).toBe(0);
    // Some of them once more, with their work counted.
    const ran = Number(/^(\d+) seeds, no promise broken/m.exec(output)?.[1]);
    expect(ran).toBeGreaterThan(seeds);
    const line = (beginning: string): string =>
      output.split('\n').find((each) => each.startsWith(beginning)) ?? '';
    for (const guarantee of guarantees)
      expect(line('guarantees checked'), guarantee).toMatch(new RegExp(` ${guarantee} [1-9]`));
    for (const kind of faultKinds)
      expect(line('faults injected')).toMatch(
        new RegExp(` ${kind === 'network' ? 'late message' : kind} [1-9]`),
      );
    console.log(output.trimEnd());
  }, 1_800_000);

  test('and a seed gives the same run each time', { timeout: 120_000 }, async () => {
    const [once, again] = await Promise.all([run('--seed', '5'), run('--seed', '5')]);
    expect(once.code, once.output).toBe(0);
    expect(again.output).toBe(once.output);
  });
});

describe('what is wrong is found', () => {
  test('a disk that says synced and is not', { timeout: 300_000 }, async () => {
    const { output } = await run('--disk', 'lying_sync', '--seeds', '40', '--as-found');
    // Either the broker finds that what it had acknowledged is gone, or a client does.
    expect(output).toMatch(/; [1-9]\d* runs ended at damage|^ {2}durable: /m);
  });

  test('and said in a line that shows it again, with the least', { timeout: 300_000 }, async () => {
    const { output } = await run('--mutant', 'commit-loses-a-diff', '--seeds', '100');
    const again = /again: npm run simulate -- (.*)$/m.exec(output)?.[1] ?? '';
    expect(again, output).toMatch(/--without '[^']*(readers|publishers)/);
    const args = [...again.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const { code, output: shown } = await run(...args, '--as-found');
    expect(code, shown).toBe(1);
    expect(shown.split('\n')[0]).toBe(output.split('\n')[0]);
  });

  test.concurrent.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    { timeout: 600_000 },
    async (name, { breaks, meets }) => {
      const args = ['--mutant', name, '--with', meets.join(), '--seeds', '200', '--as-found'];
      const { code, output } = await run(...args);
      expect(code, output).toBe(1);
      expect(output).toMatch(/^seed \d+ breaks \d+ promises:/);
      const broken = [...output.matchAll(/^ {2}([a-z ]+): /gm)].map(([, guarantee]) => guarantee);
      expect(broken.filter((guarantee) => breaks.some((expected) => expected === guarantee))).not.toEqual([]);
    },
  );
});

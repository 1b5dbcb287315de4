/**
 * Goal: the broker keeps every promise of the design whatever happens to its machine, disk and network; and this simulator would
 * notice if it did not. Method: the whole broker behind its transport on a simulated clock, disk and network, 2,000 seeds; a disk
 * that lies; and mistakes put into the broker's source on purpose. Each run depends on its seed alone.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { mutants } from './mutants.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the simulator in a process of its own. */
function run(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}

describe('no promise is broken', () => {
  test.concurrent.each([1, 1_001])('in 1,000 seeds from %d on', { timeout: 600_000 }, async (from) => {
    const { code, output } = await run('--from', String(from), '--seeds', '1000');
    expect(code, output).toBe(0);
    expect(output).toContain('1000 seeds, no promise broken');
    expect(output).toContain('; 0 runs ended at damage');
  });

  test('and a seed gives the same run each time', async () => {
    const [once, again] = await Promise.all([run('--seed', '5'), run('--seed', '5')]);
    expect(once.code, once.output).toBe(0);
    expect(again.output).toBe(once.output);
  });
});

describe('what is wrong is found', () => {
  test('a disk that says synced and is not', async () => {
    const { output } = await run('--disk', 'lying_sync', '--seeds', '40');
    // Either the broker finds that what it had acknowledged is gone, or a client does.
    expect(output).toMatch(/; [1-9]\d* runs ended at damage|^ {2}durable: /m);
  });

  test.concurrent.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    { timeout: 120_000 },
    async (name, { breaks }) => {
      const { code, output } = await run('--mutant', name, '--seeds', '60');
      expect(code, output).toBe(1);
      expect(output).toMatch(/^seed \d+ breaks \d+ promises:/);
      const broken = [...output.matchAll(/^ {2}([a-z ]+): /gm)].map(([, guarantee]) => guarantee);
      expect(broken.filter((guarantee) => breaks.includes(guarantee ?? ''))).not.toEqual([]);
    },
  );
});

/**
 * Goal: the stories that locks are there for end as the contract in `proto/hyperloom/v1/lock.proto` says, and a reader can
 * follow them. Method: each file in `locks/` is a script of commands with the whole lock table behind each; it is run again
 * and compared, word by word. Before every command the state goes through a snapshot, and at the end the journal alone is
 * replayed. `UPDATE_SCENARIOS=1` writes the files anew: read the difference before you keep it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScript } from './lock-script.ts';

const folder = new URL('locks/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test.each(names)('%s', (name) => {
  const file = new URL(name, folder);
  const text = readFileSync(file, 'utf8');
  const told = runScript(text);
  if (process.env['UPDATE_SCENARIOS'] === '1') writeFileSync(file, told);
  expect(told).toBe(readFileSync(file, 'utf8'));
});

test('there is a script for each story', () => {
  expect(names.sort()).toStrictEqual(
    [
      'compatibility.txt',
      'delay.txt',
      'expiry.txt',
      'fairness.txt',
      'fencing.txt',
      'many-paths.txt',
      'upgrade.txt',
      'circles.txt',
    ].sort(),
  );
});

/**
 * Goal: the stories that gates, reviewers and races are there for end as the contract in `proto/hyperloom/v1/gate.proto` and
 * `review_service.proto` says, and a reader can follow them. Method: as in `locks.test.ts`: each file in `ghosts/` is a script
 * with all ghosts and races behind each command; before every command the state goes through a snapshot, and at the end the
 * journal alone is replayed. `UPDATE_SCENARIOS=1` writes the files anew: read the difference before you keep it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScript } from './ghost-script.ts';

const folder = new URL('ghosts/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test.each(names)('%s', (name) => {
  const file = new URL(name, folder);
  const told = runScript(readFileSync(file, 'utf8'));
  if (process.env['UPDATE_SCENARIOS'] === '1') writeFileSync(file, told);
  expect(told).toBe(readFileSync(file, 'utf8'));
});

test('there is a script for each story', () => {
  expect(names.sort()).toStrictEqual([
    'approval.txt',
    'conflict.txt',
    'limits.txt',
    'migrations.txt',
    'race.txt',
    'rejection.txt',
    'requests.txt',
    'violations.txt',
    'void.txt',
  ]);
});

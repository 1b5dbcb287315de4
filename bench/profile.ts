/**
 * Shows where the broker's CPU time goes: `npm run profile -- [WORK…] [--smoke] [--list]`. A full run writes the tables of
 * `bench/profiles.md`; `--smoke` only shows that it works.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { endWith } from '../scripts/end.ts';
import type { Context } from './harness/case.ts';
import { describeMachine } from './harness/machine.ts';
import { cacheFolder } from './harness/tools.ts';
import { profiledWorks } from './profiles/cases.ts';
import { profileBroker } from './profiles/profiled-broker.ts';
import { profileTable, writeProfile } from './profiles/tables.ts';

async function main(args: readonly string[]): Promise<number> {
  const isSmoke = args.includes('--smoke');
  const names = args.filter((argument) => !argument.startsWith('--'));
  const chosen = profiledWorks.filter(({ name }) => names.length === 0 || names.includes(name));
  if (args.includes('--list') || chosen.length === 0) {
    for (const { name, about } of profiledWorks) console.log(`${name.padEnd(16)} ${about}`);
    return chosen.length === 0 ? 1 : 0;
  }
  for (const work of chosen) {
    const folder = mkdtempSync(join(cacheFolder(), 'profile-'));
    const context: Context = { isSmoke, folder, size: (full, smoke) => (isSmoke ? smoke : full) };
    try {
      const profiled = await profileBroker(work, context);
      const machine = describeMachine();
      console.log(`\n${work.name}: ${work.about}\n\n${profileTable(profiled, machine)}`);
      if (!isSmoke) writeProfile(work.name, profileTable(profiled, machine));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  if (isSmoke) console.log('\nsmoke: the figures mean nothing');
  return 0;
}

endWith(await main(process.argv.slice(2)));

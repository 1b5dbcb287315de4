/** `hyperloom profile add`: keeps the options that are given beside it. */
import { isAbsolute, resolve } from 'node:path';

import { connect } from '../../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { profileRecord } from '../../output/profile-text.ts';
import { connectionKeys, profileNamePattern, type Profile } from '../../profiles/profile.ts';
import type { Given } from '../../profiles/settle.ts';

interface AddOptions {
  readonly force?: boolean;
  readonly use?: boolean;
}

export const addAdd: AddCommand = (program, run) => {
  program
    .command('add')
    .summary('keep the address and other connection options under a name')
    .description(
      'Keeps what is given beside it of --address, --forest, --author, --ca-file, --cert-file, --key-file and --token-file, in a file that only you can read.',
    )
    .argument('<name>', 'of letters, digits, ., _ and -')
    .option('--use', 'use it from now on where no other is named')
    .option('--force', 'replace the profile if it is there')
    .action((name: string, { force = false, use = false }: AddOptions) =>
      run(async ({ output, profiles, given }) => {
        if (!profileNamePattern.test(name))
          throw new UsageError(`${name} is no name of a profile: write letters, digits, ., _ and -`);
        const profile = keptOf(given);
        const { current, all } = profiles.read();
        if (all.has(name) && !force)
          throw new UsageError(`the profile ${name} is there already: replace it with --force`);
        const now = use ? name : current;
        profiles.write({ current: now, all: new Map([...all, [name, profile]]) });
        await output.result(
          profileRecord(name, profile, now),
          () =>
            `${name} is kept${use ? ' and in use' : `: use it with --profile ${name}, or "hyperloom profile use ${name}"`}`,
        );
      }),
    );
};

/** What was written on the command line; variables of the environment are not kept by chance. */
function keptOf({ values, sources }: Given): Profile {
  const kept: Record<string, string> = {};
  for (const key of connectionKeys) {
    const value = values[key];
    if (value === undefined || sources[key] !== 'cli') continue;
    kept[key] = key.endsWith('File') && !isAbsolute(value) ? resolve(value) : value;
  }
  if (Object.keys(kept).length === 0)
    throw new UsageError('say what to keep, such as --address broker.internal:7400');
  if (kept['address'] !== undefined) checkAddress(kept['address']);
  return kept;
}

function checkAddress(address: string): void {
  try {
    connect(address).destroy();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

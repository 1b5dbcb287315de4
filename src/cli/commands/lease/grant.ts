/** `hyperloom lease grant`. */
import { Option } from 'commander';

import { durationMs } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { leaseRecord } from '../../output/records.ts';

interface GrantOptions {
  readonly label?: string;
  readonly quiet?: boolean;
  readonly ttl: number;
}

/** Nobody keeps a lease alive between two commands, so it gets long enough for a person. */
const ttlMsDefault = 600_000;

export const addGrant: AddCommand = (program, run) => {
  program
    .command('grant')
    .summary('take a lease and print its id')
    .option('--label <text>', 'what it is, in a few words')
    .option('-q, --quiet', 'print the id alone, in a pipe too: lease=$(hyperloom lease grant -q)')
    .addOption(
      new Option('--ttl <duration>', 'how long it lives').argParser(durationMs).default(ttlMsDefault, '10m'),
    )
    .action(({ label, quiet = false, ttl: ttlMs }: GrantOptions) =>
      run(async ({ client, output }) => {
        // Neither disposed of nor ended: the lease stays behind on purpose, to be used by the next commands.
        const { info } = await client.lease({ label, ttlMs });
        if (quiet) await output.line(info.id);
        else await output.result(leaseRecord(info), () => info.id);
      }),
    );
};

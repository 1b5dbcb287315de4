/** `hyperloom lock release`: gives back a lock that another command has left held, or takes it from its holder. */
import { Option } from 'commander';

import type { Client } from '../../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';

interface ReleaseOptions {
  readonly force?: boolean;
  readonly lease?: string;
}

export const addRelease: AddCommand = (program, run) => {
  program
    .command('release')
    .summary('give a lock back, or give up waiting for it')
    .argument('<id>', 'the lock')
    .addOption(new Option('--lease <id>', 'whose it is').env('HYPERLOOM_LEASE'))
    .option('--force', 'whoever holds it: what that one still writes under it is refused from then on')
    .action((id: string, options: ReleaseOptions) =>
      run(async ({ client, output }) => {
        const leaseId = options.force === true ? await ownerOf(client, id) : options.lease;
        if (leaseId === undefined) {
          throw new UsageError(
            `say whose lock ${id} is with --lease, or take it from its holder with --force`,
          );
        }
        await client.releaseLock(id, leaseId);
        await output.result({ id, leaseId, released: true }, () => `${id} is released`);
      }),
    );
};

/** Of a lock that is gone nobody: the broker says so itself. */
async function ownerOf(client: Client, id: string): Promise<string> {
  for await (const lock of client.locks()) if (lock.id === id) return lock.leaseId;
  return 'none';
}

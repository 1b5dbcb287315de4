/** `hyperloom revert`: takes a trunk revision back by a new one. */
import { Option } from 'commander';

import type { Cascade } from '../../../clients/typescript/src/index.ts';
import { positiveNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { fenceOf, withFenceOptions, type FenceOptions } from '../publish.ts';
import { tellReverted } from '../reverted.ts';

interface RevertOptions extends FenceOptions {
  readonly cascade?: Exclude<Cascade, 'none'>;
  readonly reason?: string;
}

export const addRevert: AddCommand = (program, run) => {
  withFenceOptions(program.command('revert'))
    .summary('take a revision back: writes its inverse as a new revision')
    .argument('<revision>', 'a revision of the trunk', positiveNumber)
    .addOption(
      new Option(
        '--cascade <how>',
        'with "all", what was derived from it goes too; "report" only tells what would go',
      ).choices(['report', 'all']),
    )
    .option('--reason <text>', 'why')
    .action((revision: number, { cascade, reason, ...fence }: RevertOptions) =>
      run(async ({ client, output }) => {
        const options = { ...fenceOf(fence), cascade };
        await tellReverted(output, await client.revertRevision(revision, reason, options));
      }),
    );
};

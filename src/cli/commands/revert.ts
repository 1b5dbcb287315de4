/** `hyperloom revert`: takes a trunk revision back by a new one. */
import { positiveNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { fenceOf, withFenceOptions, type FenceOptions } from '../publish.ts';
import { tellReverted } from '../reverted.ts';

interface RevertOptions extends FenceOptions {
  readonly reason?: string;
}

export const addRevert: AddCommand = (program, run) => {
  withFenceOptions(program.command('revert'))
    .summary('take a revision back: writes its inverse as a new revision')
    .argument('<revision>', 'a revision of the trunk', positiveNumber)
    .option('--reason <text>', 'why')
    .action((revision: number, { reason, ...fence }: RevertOptions) =>
      run(async ({ client, output }) => {
        await tellReverted(output, await client.revertRevision(revision, reason, fenceOf(fence)));
      }),
    );
};

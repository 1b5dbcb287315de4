/** `hyperloom revert`: takes a trunk revision back by a new one. */
import { positiveNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { tellReverted } from '../reverted.ts';

interface RevertOptions {
  readonly reason?: string;
}

export const addRevert: AddCommand = (program, run) => {
  program
    .command('revert')
    .summary('take a revision back: writes its inverse as a new revision')
    .argument('<revision>', 'a revision of the trunk', positiveNumber)
    .option('--reason <text>', 'why')
    .action((revision: number, { reason }: RevertOptions) =>
      run(async ({ client, output }) => tellReverted(output, await client.revertRevision(revision, reason))),
    );
};

/** `hyperloom ghost revert`. */
import type { AddCommand } from '../../context.ts';
import { tellReverted } from '../../reverted.ts';

interface RevertOptions {
  readonly reason?: string;
}

export const addRevert: AddCommand = (program, run) => {
  program
    .command('revert')
    .summary('drop a ghost and all that is staged in it')
    .argument('<id>', 'the ghost')
    .option('--reason <text>', 'why')
    .action((id: string, { reason }: RevertOptions) =>
      run(async ({ client, output }) => {
        const ghost = await client.attach(id);
        await tellReverted(output, await ghost.revert(reason));
      }),
    );
};

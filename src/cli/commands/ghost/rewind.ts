/** `hyperloom ghost rewind`. */
import type { AddCommand } from '../../context.ts';
import { tellReverted } from '../../reverted.ts';

interface RewindOptions {
  readonly checkpoint?: string;
  readonly reason?: string;
}

export const addRewind: AddCommand = (program, run) => {
  program
    .command('rewind')
    .summary('go back to a checkpoint; the ghost lives on')
    .argument('<id>', 'the ghost')
    .option('--checkpoint <name>', "default: the newest, or the ghost's beginning")
    .option('--reason <text>', 'why; the retry can read it')
    .action((id: string, options: RewindOptions) =>
      run(async ({ client, output }) => {
        const ghost = await client.attach(id);
        const { checkpoint, reason } = options;
        await tellReverted(output, await ghost.rewind({ checkpoint, reason }));
      }),
    );
};

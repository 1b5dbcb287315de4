/** `hyperloom ghost checkpoint`. */
import type { AddCommand } from '../../context.ts';

export const addCheckpoint: AddCommand = (program, run) => {
  program
    .command('checkpoint')
    .summary('name the present state of a ghost, to go back to')
    .argument('<id>', 'the ghost')
    .argument('<name>', 'unique in the ghost')
    .action((id: string, name: string) =>
      run(async ({ client, output }) => {
        const ghost = await client.attach(id);
        const checkpoint = await ghost.checkpoint(name);
        await output.result({ ...checkpoint }, () => `checkpoint ${name} at #${checkpoint.sequence}`);
      }),
    );
};

/** `hyperloom lease end`. */
import type { AddCommand } from '../../context.ts';
import { counted } from '../../output/text.ts';

export const addEnd: AddCommand = (program, run) => {
  program
    .command('end')
    .summary('end a lease, with its locks, ghosts and nodes')
    .argument('<id>', 'the lease')
    .action((id: string) =>
      run(async ({ client, output }) => {
        const ended = await client.attachLease(id).end();
        await output.result({ id, ...ended }, () => {
          const { releasedLocks, revertedGhosts, deletedNodes, revision } = ended;
          const nodes = counted(deletedNodes, 'node') + (revision > 0 ? ` as r${revision}` : '');
          return `${id} is over: ${counted(releasedLocks, 'lock')}, ${counted(revertedGhosts, 'ghost')}, ${nodes}`;
        });
      }),
    );
};

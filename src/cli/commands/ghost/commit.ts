/** `hyperloom ghost commit`. */
import type { AddCommand } from '../../context.ts';
import { counted } from '../../output/text.ts';

interface CommitOptions {
  readonly label?: string;
  readonly serializable?: boolean;
}

export const addCommit: AddCommand = (program, run) => {
  program
    .command('commit')
    .summary('bring what is staged to the trunk (or the parent) as one revision')
    .argument('<id>', 'the ghost')
    .option('--serializable', 'refuse it too if what the ghost has read has changed')
    .option('--label <text>', 'what it is, in a few words')
    .action((id: string, options: CommitOptions) =>
      run(async ({ client, output }) => {
        const ghost = await client.attach(id);
        const isolation = options.serializable === true ? 'serializable' : 'writes';
        const committed = await ghost.commit({ isolation, label: options.label });
        await output.result({ ...committed }, () => {
          const { revision, operations } = committed;
          const place = revision > 0 ? `revision ${revision}` : 'committed';
          return `${place}, ${counted(operations, 'operation')}`;
        });
      }),
    );
};

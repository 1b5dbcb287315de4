/** `hyperloom forest`: the forests of a broker. */
import type { AddCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { forestColumns, forestRecord, forestText } from '../output/forest-text.ts';

interface DeleteOptions {
  readonly yes?: boolean;
}

export const addForest: AddCommand = (program, run) => {
  const forest = program.command('forest').summary('list, create, delete and move forests');
  forest
    .command('list')
    .alias('ls')
    .summary('list the forests')
    .action(() =>
      run(async ({ client, output }) => {
        await output.rows(await client.forests.list(), forestColumns, forestRecord, 'no forests');
      }),
    );
  forest
    .command('create')
    .summary('create an empty forest')
    .argument('<name>', '1 to 63 of a-z, 0-9, _ and -')
    .action((name: string) =>
      run(async ({ client, output }) => {
        const created = await client.forests.create(name);
        await output.result(forestRecord(created), () => forestText(created));
      }),
    );
  forest
    .command('delete')
    .summary('delete a forest and all its history')
    .argument('<name>', 'the forest')
    .option('--yes', 'really: it cannot be undone')
    .action((name: string, { yes }: DeleteOptions) =>
      run(async ({ client, output }) => {
        if (yes !== true)
          throw new UsageError(`deleting ${name} and its history cannot be undone: say so with --yes`);
        await client.forests.delete(name);
        await output.result({ name, deleted: true }, () => `${name} is deleted`);
      }),
    );
};

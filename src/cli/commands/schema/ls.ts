/** `hyperloom schema ls`. */
import { wholeNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { schemaColumns, schemaRecord } from '../../output/schema-text.ts';

interface LsOptions {
  readonly at?: number;
}

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .alias('list')
    .summary('list the schemas, each with its newest version')
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .action(({ at }: LsOptions) =>
      run(async ({ client, output }) => {
        const { schemas, unboundPaths } = await client.schemas.list({ atRevision: at });
        await output.rows(schemas, schemaColumns, schemaRecord, 'no schemas');
        if (!output.json && unboundPaths === 'refused')
          await output.line(output.style.dim('the forest is strict: no value may be at other paths'));
      }),
    );
};

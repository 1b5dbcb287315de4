/** `hyperloom merge`: merges into a JSON object. */
import { json, operation } from '../../../clients/typescript/src/index.ts';
import { nodePath } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { readJsonText } from '../input.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

export const addMerge: AddCommand = (program, run) => {
  const command = program
    .command('merge')
    .summary('merge into a JSON object')
    .description('Merges a patch into a JSON object as RFC 7396 says: keys with null are removed.')
    .argument('<path>', 'the node', nodePath)
    .argument('<patch>', 'a JSON object; - reads standard input, @FILE a file');
  withWriteOptions(command).action((path: string, patch: string, options: WriteOptions) =>
    run(async (context) => {
      const text = await readJsonText(patch, context.surroundings.stdin);
      await publishOne(context, operation.merge(path, json(text)), options);
    }),
  );
};

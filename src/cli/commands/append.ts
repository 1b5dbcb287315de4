/** `hyperloom append`: adds to the end of a value. */
import { Json, json, operation, type Addition } from '../../../clients/typescript/src/index.ts';
import { nodePath } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { readJsonText, readValue, type ValueOptions } from '../input.ts';
import { arrayItems } from '../json-parts.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

export const addAppend: AddCommand = (program, run) => {
  const command = program
    .command('append')
    .summary('add to the end of a value')
    .description('Adds to the end of a text, of bytes, or of a JSON array, without reading what is there.')
    .argument('<path>', 'the node; it is created if needed', nodePath)
    .argument('<value>', 'what to add; - reads standard input, @FILE a file')
    .option('--json-value', 'the value is a JSON array whose items are added')
    .option('--bytes', 'the value is bytes');
  withWriteOptions(command).action((path: string, value: string, options: ValueOptions & WriteOptions) =>
    run(async (context) => {
      const addition = await readAddition(value, options, context.surroundings.stdin);
      await publishOne(context, operation.append(path, addition), options);
    }),
  );
};

async function readAddition(
  argument: string,
  options: ValueOptions,
  stdin: AsyncIterable<Uint8Array>,
): Promise<Addition> {
  if (options.jsonValue === true) {
    const items = arrayItems(await readJsonText(argument, stdin));
    if (items === undefined)
      throw new UsageError('with --json-value the value must be a JSON array of items to add');
    return items.map(json);
  }
  const value = await readValue(argument, { bytes: options.bytes }, stdin);
  return value instanceof Json ? [value] : value;
}

/** `hyperloom put`: sets a value. */
import { json, messageJson, operation, type PutValue } from '../../../clients/typescript/src/index.ts';
import { nodePath } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { readJsonText, readValue, type ValueOptions } from '../input.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

interface PutOptions extends ValueOptions, WriteOptions {
  readonly message?: boolean;
  readonly lease?: string;
}

export const addPut: AddCommand = (program, run) => {
  const command = program
    .command('put')
    .summary('set a value')
    .description('Sets the value of a node; the node is created if needed.')
    .argument('<path>', 'the node', nodePath)
    .argument('<value>', 'the value; - reads standard input, @FILE a file')
    .option('--json-value', 'the value is JSON; its exact bytes are kept')
    .option('--message', 'the value is JSON of the message that the path is bound to')
    .option('--bytes', 'the value is bytes')
    .option('--lease <id>', 'bind the node to a lease: it is deleted when that ends');
  withWriteOptions(command).action((path: string, value: string, options: PutOptions) =>
    run(async (context) => {
      const content = await contentOf(value, options, context.surroundings.stdin);
      const lease = options.lease === undefined ? undefined : { id: options.lease };
      await publishOne(context, operation.put(path, content, lease), options);
    }),
  );
};

async function contentOf(
  value: string,
  options: PutOptions,
  stdin: AsyncIterable<Uint8Array>,
): Promise<PutValue> {
  if (options.message !== true) return readValue(value, options, stdin);
  if (options.jsonValue === true || options.bytes === true)
    throw new UsageError('--message, --json-value and --bytes exclude one another');
  return messageJson(json(await readJsonText(value, stdin)));
}

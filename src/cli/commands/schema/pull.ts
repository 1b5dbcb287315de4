/** `hyperloom schema pull`. */
import { writeFile } from 'node:fs/promises';

import { positiveNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { schemaRecord } from '../../output/schema-text.ts';
import { byteSize } from '../../output/text.ts';

interface PullOptions {
  readonly version?: number;
  readonly output: string;
  readonly force?: boolean;
}

export const addPull: AddCommand = (program, run) => {
  program
    .command('pull')
    .summary('write what was pushed to a file, byte for byte')
    .argument('<name>', 'the schema')
    .requiredOption('-o, --output <file>', 'the file; - is standard output')
    .option('--version <version>', 'which version (default: the newest)', positiveNumber)
    .option('--force', 'replace the file if it is there')
    .action((name: string, options: PullOptions) =>
      run(async ({ client, output, surroundings }) => {
        const file = options.output;
        const schema = await client.schemas.get(name, { version: options.version });
        const { definition } = schema;
        const isJson = definition.kind === 'json_schema';
        const content = isJson ? Buffer.from(definition.json) : definition.bytes;
        if (file === '-') {
          if (!isJson && surroundings.isTerminal)
            throw new UsageError(`${name} is no text for a terminal: name a file, or send it on with | or >`);
          await output.write(content);
          return;
        }
        await writeNew(file, content, options.force === true);
        const text = `${file}: version ${schema.version} of ${name}, ${isJson ? 'a JSON Schema' : 'a descriptor set'} of ${byteSize(content.length)}`;
        await output.result({ ...schemaRecord(schema), kind: definition.kind, file }, () => text);
      }),
    );
};

async function writeNew(file: string, content: Uint8Array, isReplacing: boolean): Promise<void> {
  try {
    await writeFile(file, content, { flag: isReplacing ? 'w' : 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new UsageError(`${file} is there already: choose another name, or replace it with --force`);
  }
}

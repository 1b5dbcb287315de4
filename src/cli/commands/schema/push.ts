/** `hyperloom schema push`. */
import { positiveNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { RefusedHere } from '../../failure.ts';
import { registeredText, schemaRecord, triedRecord, triedText } from '../../output/schema-text.ts';
import { readDefinition, sourceTexts, type SourceOptions } from './definition.ts';
import { mappingText, readMapping } from './mapping-file.ts';

interface PushOptions extends SourceOptions {
  readonly dryRun?: boolean;
  readonly expect?: number;
  readonly mapping?: string;
}

export const addPush: AddCommand = (program, run) => {
  program
    .command('push')
    .summary('register a schema, or its next version')
    .description(
      'Registers a schema, or the next version of one: it is in force at once. Refused where stored values or clients would not get along with it, unless a mapping says what becomes of the values.',
    )
    .argument('<file>', sourceTexts.file)
    .option('--name <name>', sourceTexts.name)
    .option('--path <template>', sourceTexts.path)
    .option('--mapping <file>', mappingText)
    .option('--dry-run', 'only say what would happen; ends with 1 where it would be refused')
    .option('--expect <version>', 'only if this is the newest version', positiveNumber)
    .action((file: string, options: PushOptions) =>
      run(async ({ client, output, surroundings }) => {
        const { name, definition } = await readDefinition(file, options, surroundings.stdin);
        const mapping = await readMapping(options.mapping, surroundings.stdin);
        if (options.dryRun === true) {
          const tried = await client.schemas.validate(name, definition, { mapping });
          await output.result(triedRecord(name, tried), () =>
            triedText(name, tried, output.style, output.columns),
          );
          if (!tried.accepted) throw new RefusedHere();
          return;
        }
        const registered = await client.schemas.register(name, definition, {
          expectedVersion: options.expect,
          mapping,
        });
        const { schema, ...rest } = registered;
        await output.result({ ...schemaRecord(schema), ...rest }, () => registeredText(registered));
      }),
    );
};

/** `hyperloom schema push`. */
import { positiveNumber } from '../../arguments.ts';
import type { AddCommand } from '../../context.ts';
import { RefusedHere } from '../../failure.ts';
import { schemaRecord, schemaText, triedRecord, triedText } from '../../output/schema-text.ts';
import { readDefinition, sourceTexts, type SourceOptions } from './definition.ts';

interface PushOptions extends SourceOptions {
  readonly dryRun?: boolean;
  readonly expect?: number;
}

export const addPush: AddCommand = (program, run) => {
  program
    .command('push')
    .summary('register a schema, or its next version')
    .description(
      'Registers a schema, or the next version of one: it is in force at once. Refused where stored values or clients would not get along with it.',
    )
    .argument('<file>', sourceTexts.file)
    .option('--name <name>', sourceTexts.name)
    .option('--path <template>', sourceTexts.path)
    .option('--dry-run', 'only say what would happen; ends with 1 where it would be refused')
    .option('--expect <version>', 'only if this is the newest version', positiveNumber)
    .action((file: string, options: PushOptions) =>
      run(async ({ client, output, surroundings }) => {
        const { name, definition } = await readDefinition(file, options, surroundings.stdin);
        if (options.dryRun === true) {
          const tried = await client.schemas.validate(name, definition);
          await output.result(triedRecord(name, tried), () => triedText(name, tried, output.style));
          if (!tried.accepted) throw new RefusedHere();
          return;
        }
        const { schema, unchanged } = await client.schemas.register(name, definition, {
          expectedVersion: options.expect,
        });
        await output.result({ ...schemaRecord(schema), unchanged }, () => schemaText(schema, unchanged));
      }),
    );
};

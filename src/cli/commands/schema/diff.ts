/** `hyperloom schema diff`. */
import type { AddCommand } from '../../context.ts';
import { RefusedHere } from '../../failure.ts';
import { triedRecord, triedText } from '../../output/schema-text.ts';
import { readDefinition, sourceTexts, type SourceOptions } from './definition.ts';
import { mappingText, readMapping } from './mapping-file.ts';

interface DiffOptions extends SourceOptions {
  readonly mapping?: string;
}

export const addDiff: AddCommand = (program, run) => {
  program
    .command('diff')
    .summary('say what the next version of a schema would break')
    .description(
      "Compares a schema with its newest version and with what is stored, and names each rule that pushing it would break: Buf's for clients, the schema's own for values. " +
        'Changes nothing. Ends with 1 where it would be refused.',
    )
    .argument('<file>', sourceTexts.file)
    .option('--name <name>', sourceTexts.name)
    .option('--path <template>', sourceTexts.path)
    .option('--mapping <file>', mappingText)
    .action((file: string, options: DiffOptions) =>
      run(async ({ client, output, surroundings }) => {
        const { name, definition } = await readDefinition(file, options, surroundings.stdin);
        const tried = await client.schemas.validate(name, definition, {
          mapping: await readMapping(options.mapping, surroundings.stdin),
        });
        await output.result(triedRecord(name, tried), () =>
          triedText(name, tried, output.style, output.columns),
        );
        if (!tried.accepted) throw new RefusedHere();
      }),
    );
};

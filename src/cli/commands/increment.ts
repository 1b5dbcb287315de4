/** `hyperloom increment`: adds to a number. */
import { operation, type Amount } from '../../../clients/typescript/src/index.ts';
import { amount, nodePath } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

export const addIncrement: AddCommand = (program, run) => {
  const command = program
    .command('increment')
    .summary('add to a number')
    .description('Adds to a number: integers exactly in 64 bits, everything else in double precision.')
    .argument('<path>', 'the node; it begins at 0 if needed', nodePath)
    .argument('[amount]', 'what to add; write -- before a negative one', amount, 1n);
  withWriteOptions(command).action((path: string, by: Amount, options: WriteOptions) =>
    run((context) => publishOne(context, incrementOf(path, by), options)),
  );
};

function incrementOf(path: string, by: Amount): ReturnType<typeof operation.increment> {
  try {
    return operation.increment(path, by);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

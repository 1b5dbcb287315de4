/** `hyperloom increment`: adds to a number. */
import { Argument } from 'commander';

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
    .addArgument(
      new Argument('[amount]', 'what to add; write -- before a negative one')
        .argParser(amount)
        // The help cannot write a bigint by itself.
        .default(1n, '1'),
    );
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

/** `hyperloom copy`: copies a subtree, also from the past. */
import { operation } from '../../../clients/typescript/src/index.ts';
import { nodePath, wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

interface CopyOptions extends WriteOptions {
  readonly at?: number;
}

export const addCopy: AddCommand = (program, run) => {
  const command = program
    .command('copy')
    .summary('copy a subtree, also from the past')
    .argument('<source>', 'the subtree to copy', nodePath)
    .argument('<target>', 'where the copy goes; what is there is replaced', nodePath)
    .option('--at <revision>', 'the source as it was at a trunk revision', wholeNumber);
  withWriteOptions(command).action((source: string, target: string, options: CopyOptions) =>
    run((context) => publishOne(context, operation.copy(source, target, options.at ?? 0), options)),
  );
};

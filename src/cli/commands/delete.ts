/** `hyperloom delete`: removes a node. */
import { operation } from '../../../clients/typescript/src/index.ts';
import { nodePath } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { publishOne, withWriteOptions, type WriteOptions } from '../publish.ts';

interface DeleteOptions extends WriteOptions {
  readonly node?: boolean;
}

export const addDelete: AddCommand = (program, run) => {
  const command = program
    .command('delete')
    .summary('remove a node and all below it')
    .argument('<path>', 'the node', nodePath)
    .option('--node', "the node's own value only; what is below it stays");
  withWriteOptions(command).action((path: string, options: DeleteOptions) =>
    run((context) =>
      publishOne(context, operation.delete(path, options.node === true ? 'node' : 'subtree'), options),
    ),
  );
};

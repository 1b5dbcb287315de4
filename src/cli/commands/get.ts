/** `hyperloom get`: one node. */
import { nodePath, wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { flowLines } from '../output/flow.ts';
import type { Output } from '../output/output.ts';
import { nodeRecord } from '../output/records.ts';
import { byteSize, counted, visible } from '../output/text.ts';
import { fullValue, rawValue } from '../output/values.ts';
import type { Node } from '../../../clients/typescript/src/index.ts';

interface GetOptions {
  readonly at?: number;
  readonly ghost?: string;
  readonly raw?: boolean;
}

export const addGet: AddCommand = (program, run) => {
  program
    .command('get')
    .summary('show a node')
    .description('Shows a node: its value, who wrote it, and at which revision.')
    .argument('<path>', 'such as /session_1/memory/notes', nodePath)
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--ghost <id>', 'as a ghost sees it')
    .option('--raw', "the value's exact bytes and nothing else")
    .action((path: string, options: GetOptions) =>
      run(async ({ view, output }) => {
        const verbs = await view(options.ghost);
        const form = options.raw === true ? 'stored' : 'json';
        const node = await verbs.get(path, { atRevision: options.at, form });
        if (options.raw === true) await output.write(rawValue(node));
        else {
          const text = (): string => [...headLines(node, output), fullValue(node)].join('\n').trimEnd();
          await output.result(nodeRecord(node), text);
        }
      }),
    );
};

function headLines(node: Node, { style, columns }: Output): readonly string[] {
  const parts = [visible(node.path), node.kind === 'none' ? 'no value' : node.kind];
  if (node.kind !== 'none') {
    const place = node.modifiedRevision > 0 ? `r${node.modifiedRevision}` : `staged #${node.stagedSequence}`;
    parts.push(byteSize(node.valueBytes), place, `version ${node.version}`);
    if (node.author !== '') parts.push(`by ${visible(node.author)}`);
  }
  if (node.childCount > 0) parts.push(counted(node.childCount, 'direct child').replace('childs', 'children'));
  return flowLines(
    parts.map((part) => [part, style.dim]),
    columns,
  );
}

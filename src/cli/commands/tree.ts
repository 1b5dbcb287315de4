/** `hyperloom tree`: everything below a node, drawn. */
import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand } from '../context.ts';
import { nodeRecord } from '../output/records.ts';
import { treeLines } from '../output/tree-lines.ts';

interface TreeOptions {
  readonly at?: number;
  readonly depth: number;
  readonly ghost?: string;
  readonly limit: number;
}

export const addTree: AddCommand = (program, run) => {
  program
    .command('tree')
    .summary('draw everything below a node')
    .argument('[path]', 'the node', nodePath, '/')
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--depth <levels>', 'how deep; 0: everything', wholeNumber, 0)
    .option('--ghost <id>', 'as a ghost sees it')
    .option('--limit <count>', 'how many nodes at most', positiveNumber, 1_000)
    .action((path: string, options: TreeOptions) =>
      run(async ({ view, output }) => {
        const verbs = await view(options.ghost);
        const listed = verbs.list(path, { atRevision: options.at, depth: options.depth, form: 'json' });
        const { items, isCut } = await collect(listed, options.limit);
        if (output.json) for (const node of items) await output.record(nodeRecord(node));
        else await output.line(...treeLines(path, items, output.style, output.columns));
        if (!output.json && items.length === 0) await output.line(output.style.dim('nothing is below it'));
        if (isCut) await output.cut(options.limit);
      }),
    );
};

/** `hyperloom ls`: what is directly below a node. */
import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../context.ts';
import { nodeRecord } from '../output/records.ts';
import type { Column } from '../output/table.ts';
import { visible } from '../output/text.ts';
import { valueLine } from '../output/values.ts';
import { collect } from '../collect.ts';
import type { Node } from '../../../clients/typescript/src/index.ts';

interface LsOptions {
  readonly at?: number;
  readonly ghost?: string;
  readonly limit: number;
}

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .summary('list what is directly below a node')
    .argument('[path]', 'the node', nodePath, '/')
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--ghost <id>', 'as a ghost sees it')
    .option('--limit <count>', 'how many at most', positiveNumber, 1_000)
    .action((path: string, options: LsOptions) =>
      run(async ({ view, output }) => {
        const verbs = await view(options.ghost);
        const listed = verbs.list(path, { atRevision: options.at, form: 'json' });
        const { items, isCut } = await collect(listed, options.limit);
        await output.rows(items, columns(path, output.columns), nodeRecord, 'nothing is below it');
        if (isCut) await output.cut(options.limit);
      }),
    );
};

function columns(path: string, width: number): readonly Column<Node>[] {
  const above = path === '/' ? 1 : path.length + 1;
  return [
    {
      title: 'NAME',
      cell: ({ path, childCount }) => visible(path.slice(above)) + (childCount > 0 ? '/' : ''),
      cut: 'middle',
    },
    { title: 'REVISION', align: 'right', cell: (node) => placeOf(node) },
    { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
    {
      title: 'BYTES',
      align: 'right',
      cell: ({ kind, valueBytes }) => (kind === 'none' ? '' : String(valueBytes)),
    },
    { title: 'VALUE', cell: (node) => valueLine(node, Math.max(valueLengthMin, width)), cut: 'end' },
  ];
}

/** Tables cut values where they must. */
const valueLengthMin = 24;

function placeOf({ kind, modifiedRevision, stagedSequence }: Node): string {
  if (kind === 'none') return '';
  return modifiedRevision > 0 ? `r${modifiedRevision}` : `#${stagedSequence}`;
}

/** `hyperloom blame`: which publish made each value. */
import type { BlameLine } from '../../../clients/typescript/src/index.ts';
import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand } from '../context.ts';
import { eventRecord, nodeRecord, type JsonRecord } from '../output/records.ts';
import type { Column } from '../output/table.ts';
import { oneLine, timeText, visible } from '../output/text.ts';

interface BlameOptions {
  readonly at?: number;
  readonly depth: number;
  readonly limit: number;
}

export const addBlame: AddCommand = (program, run) => {
  program
    .command('blame')
    .summary('show which publish made each value')
    .argument('<path>', 'the node', nodePath)
    .option('--depth <levels>', 'how deep below it', wholeNumber, 0)
    .option('--at <revision>', 'as it was at a trunk revision', wholeNumber)
    .option('--limit <count>', 'how many nodes at most', positiveNumber, 1_000)
    .action((path: string, options: BlameOptions) =>
      run(async ({ client, output }) => {
        const lines = client.blame(path, { atRevision: options.at, depth: options.depth });
        const { items, isCut } = await collect(lines, options.limit);
        await output.rows(items, columns, blameRecord, 'no values there');
        if (isCut) await output.cut(options.limit);
      }),
    );
};

const columns: readonly Column<BlameLine>[] = [
  { title: 'REVISION', align: 'right', cell: ({ node }) => `r${node.modifiedRevision}` },
  { title: 'TIME', cell: ({ event }) => (event === undefined ? 'compacted' : timeText(event.time)) },
  { title: 'AUTHOR', cell: ({ node }) => visible(node.author), cut: 'end' },
  { title: 'PATH', cell: ({ node }) => visible(node.path), cut: 'middle' },
  { title: 'LABEL', cell: ({ event }) => oneLine(event?.label ?? '', Infinity), cut: 'end' },
];

function blameRecord({ node, event }: BlameLine): JsonRecord {
  return { node: nodeRecord(node), event: event === undefined ? null : eventRecord(event) };
}

/** `hyperloom diff`: what differs between two revisions, or between a ghost and its base. */
import type { Client, Node, NodeDifference, Paged } from '../../../clients/typescript/src/index.ts';
import { nodePath, positiveNumber, wholeNumber } from '../arguments.ts';
import { collect } from '../collect.ts';
import type { AddCommand } from '../context.ts';
import { UsageError } from '../failure.ts';
import { differenceRecord, type SideRevisions } from '../output/records.ts';
import type { Style } from '../output/style.ts';
import { visible } from '../output/text.ts';
import { valueLine } from '../output/values.ts';
import { cutMiddle, widthOf } from '../output/width.ts';

interface DiffOptions {
  readonly ghost?: string;
  readonly limit: number;
  readonly path?: string;
}

export const addDiff: AddCommand = (program, run) => {
  program
    .command('diff')
    .summary('compare two revisions, or a ghost and its base')
    .argument('[from]', 'a revision', wholeNumber)
    .argument('[to]', 'a later one; default: the newest', wholeNumber)
    .option('--ghost <id>', 'what the ghost has changed')
    .option('--path <path>', 'only here and below', nodePath)
    .option('--limit <count>', 'how many paths at most', positiveNumber, 1_000)
    .action((from: number | undefined, to: number | undefined, options: DiffOptions) =>
      run(async ({ client, output }) => {
        const { differences, revisions } = await compare(client, from, to, options);
        const { items, isCut } = await collect(differences, options.limit);
        if (items.length === 0 && !output.json) await output.line(output.style.dim('nothing differs'));
        for (const difference of items) {
          await output.result(differenceRecord(difference, revisions), () =>
            differenceText(difference, output.style, output.columns),
          );
        }
        if (isCut) await output.cut(options.limit);
      }),
    );
};

interface Comparison {
  readonly differences: Paged<NodeDifference>;
  /** Of which trunk revision each side is; of a ghost: on which it stands. */
  readonly revisions: SideRevisions;
}

async function compare(
  client: Client,
  from: number | undefined,
  to: number | undefined,
  { ghost: ghostId, path }: DiffOptions,
): Promise<Comparison> {
  if ((ghostId === undefined) === (from === undefined)) {
    throw new UsageError('name either a revision to begin with or --ghost');
  }
  if (ghostId !== undefined) {
    const ghost = await client.attach(ghostId);
    const { baseRevision } = ghost.info;
    const revisions = { before: baseRevision, after: baseRevision };
    return { differences: ghost.diff({ path, form: 'json' }), revisions };
  }
  const isNamed = to !== undefined && to > 0;
  const revisions = { before: from ?? 0, after: isNamed ? to : await newestRevision(client, path) };
  const differences = client.diff(revisions.before, revisions.after, { path, form: 'json' });
  return { differences, revisions };
}

/** Asked as the comparison is: who may see this part alone may ask for both. */
async function newestRevision(client: Client, path = '/'): Promise<number> {
  for await (const page of client.list(path, { depth: 0, keysOnly: true, pageSize: 1 }).pages())
    return page.revision;
  return 0;
}

function differenceText({ path, before, after }: NodeDifference, style: Style, columns: number): string {
  const name = cutMiddle(visible(path), Math.max(20, columns - 2));
  const room = columns - widthOf(name) - 4;
  if (before === undefined) return style.green(`+ ${name}${held(after, room)}`);
  if (after === undefined) return style.red(`- ${name}${held(before, room)}`);
  const lines = [
    `~ ${name}`,
    style.red(`    -${held(before, columns - 8)}`),
    style.green(`    +${held(after, columns - 8)}`),
  ];
  return lines.join('\n');
}

/** Less of a value says nothing. */
const valueWidthMin = 8;

function held(node: Node | undefined, room: number): string {
  if (room < valueWidthMin) return '';
  if (node === undefined || node.kind === 'none') return '';
  return `  ${valueLine(node, room)}`;
}

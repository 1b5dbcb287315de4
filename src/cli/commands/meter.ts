/** `hyperloom meter`: what agents have moved, beside what handing on the full history would have taken. */
import type { Meter, Volume } from '../../../clients/typescript/src/index.ts';
import type { AddCommand } from '../context.ts';
import { wordLines } from '../output/flow.ts';
import type { JsonRecord } from '../output/records.ts';
import type { Column } from '../output/table.ts';
import { grouped, visible } from '../output/text.ts';

interface MeterOptions {
  readonly agent?: string;
  readonly tree?: string;
}

export const addMeter: AddCommand = (program, run) => {
  program
    .command('meter')
    .summary('show what agents have moved, beside what full histories would have taken')
    .description(
      'Shows for each agent and tree the tokens that it published, read and was rendered, and what handing it the full history before each ' +
        'of its publishes would have taken. Prices are in uncached tokens, with what a prompt cache saves.',
    )
    .option('--agent <name>', 'only this agent')
    .option('--tree <segment>', 'only this tree: the first segment of its paths')
    .action(({ agent, tree }: MeterOptions) =>
      run(async ({ client, output }) => {
        const { meters } = await client.status({ meters: true });
        const wanted = meters.filter(
          (meter) =>
            (agent === undefined || meter.agent === agent) &&
            (tree === undefined || meter.tree === tree.replace(/^\//, '')),
        );
        await output.rows(wanted, columns, meterRecord, 'nothing was metered');
        if (output.json || wanted.length === 0) return;
        await output.line(...wordLines(legendOf(wanted), output.columns).map(output.style.dim));
      }),
    );
};

const columns: readonly Column<Meter>[] = [
  { title: 'AGENT', cell: ({ agent }) => (agent === '' ? '(no author)' : visible(agent)), cut: 'end' },
  { title: 'TREE', cell: ({ tree }) => visible(tree), cut: 'end' },
  { title: 'PUBLISHES', align: 'right', cell: ({ publishes }) => grouped(publishes), dispensable: 1 },
  { title: 'PUBLISHED', align: 'right', cell: ({ published }) => tokens(published) },
  { title: 'READ', align: 'right', cell: ({ read }) => tokens(read) },
  { title: 'RENDERED', align: 'right', cell: ({ rendered }) => tokens(rendered) },
  { title: 'FULL HISTORY', align: 'right', cell: ({ fullHistory }) => tokens(fullHistory), dispensable: 2 },
  { title: 'PRICE', align: 'right', cell: ({ price }) => prices(price.context, price.contextCached) },
  {
    title: 'OF FULL HISTORY',
    align: 'right',
    cell: ({ price }) => prices(price.fullHistory, price.fullHistoryCached),
  },
];

function tokens({ tokens: count, estimatedTokens }: Volume): string {
  return `${estimatedTokens > 0 ? '~' : ''}${grouped(count)}`;
}

/** Uncached, and with a prompt cache. */
function prices(plain: number, cached: number): string {
  return `${grouped(Math.round(plain))} / ${grouped(Math.round(cached))}`;
}

/** What the figures are of. */
function legendOf(meters: readonly Meter[]): string {
  const isEstimated = meters.some((meter) =>
    volumes(meter).some(({ estimatedTokens }) => estimatedTokens > 0),
  );
  const estimate = isEstimated ? '; ~ is an estimate in part: the rest is still being counted' : '';
  return `in tokens; prices in uncached tokens, without / with a prompt cache${estimate}`;
}

function volumes({ published, read, rendered, fullHistory }: Meter): readonly Volume[] {
  return [published, read, rendered, fullHistory];
}

function meterRecord({ published, read, rendered, fullHistory, price, ...rest }: Meter): JsonRecord {
  return {
    ...rest,
    published: { ...published },
    read: { ...read },
    rendered: { ...rendered },
    fullHistory: { ...fullHistory },
    price: { ...price },
  };
}

/** What the meters tell. Those beyond the first are one sum a forest, so that the number of series is bounded. */
import type { ForestMeters } from '../../meters/forest-meters.ts';
import type { MeterRow } from '../../meters/meter-table.ts';
import { priceOf } from '../../meters/report.ts';
import type { PriceReport } from '../../meters/report.ts';
import type { Volume } from '../../meters/volume.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Family, Labels, Sample } from './exposition.ts';

/** A meter, or the sum of several. */
interface Told {
  readonly labels: Labels;
  readonly publishes: number;
  readonly volumes: Readonly<Record<'published' | 'read' | 'rendered' | 'full_history', Amount>>;
  readonly price: PriceReport;
}

type Amount = Pick<Volume, 'bytes' | 'tokens' | 'countedBytes'>;

export function meterFamilies(forests: readonly Forest[]): Family[] {
  const told = forests.flatMap(toldOf);
  const volumes = (value: (amount: Amount) => number): Sample[] =>
    told.flatMap(({ labels, volumes: all }) =>
      Object.entries(all).map(([content, amount]): Sample => ({
        labels: { ...labels, content },
        value: value(amount),
      })),
    );
  const uncounted = forests.flatMap(({ name, meters }): Sample[] =>
    meters === null ? [] : [{ labels: { forest: name }, value: meters.uncountedBytes }],
  );
  return [
    {
      name: 'hyperloom_meter_publishes_total',
      help: 'Publishes by agent and tree.',
      kind: 'counter',
      labels: ['forest', 'agent', 'tree'],
      samples: told.map(({ labels, publishes }) => ({ labels, value: publishes })),
    },
    {
      name: 'hyperloom_meter_bytes_total',
      help: 'Content that an agent published, read, was rendered, or would have been handed as full history.',
      kind: 'counter',
      labels: ['forest', 'agent', 'tree', 'content'],
      samples: volumes(({ bytes }) => bytes),
    },
    {
      name: 'hyperloom_meter_tokens_total',
      help: 'The same in tokens (o200k_base), as far as they are counted.',
      kind: 'counter',
      labels: ['forest', 'agent', 'tree', 'content'],
      samples: volumes(({ tokens }) => tokens),
    },
    {
      name: 'hyperloom_meter_uncounted_bytes',
      help: 'Bytes published and read whose tokens are not counted.',
      kind: 'gauge',
      labels: ['forest'],
      samples: uncounted,
    },
    {
      name: 'hyperloom_meter_price_tokens',
      help: 'What content costs as model input, in uncached tokens, with and without a prompt cache.',
      kind: 'gauge',
      labels: ['forest', 'agent', 'tree', 'input'],
      samples: told.flatMap(({ labels, price }) => [
        { labels: { ...labels, input: 'context' }, value: price.context },
        { labels: { ...labels, input: 'context_cached' }, value: price.contextCached },
        { labels: { ...labels, input: 'full_history' }, value: price.fullHistory },
        { labels: { ...labels, input: 'full_history_cached' }, value: price.fullHistoryCached },
      ]),
    },
  ];
}

function toldOf({ name, meters }: Forest): Told[] {
  if (meters === null) return [];
  const all = meters.rows.map((row): [MeterRow, Told] => [row, rowTold(name, row, meters)]);
  const isSum = ({ hasSeries, agent, tree }: MeterRow): boolean =>
    !hasSeries || (agent === '' && tree === '');
  const others = all.filter(([row]) => isSum(row)).map(([, told]) => told);
  const own = all.filter(([row]) => !isSum(row)).map(([, told]) => told);
  return others.length === 0 ? own : [...own, others.reduce(sum, nothing(name))];
}

function rowTold(forest: string, row: MeterRow, meters: ForestMeters): Told {
  const { agent, tree, publishes, published, read, rendered } = row;
  const history = meters.historyOf(row);
  return {
    labels: { forest, agent, tree },
    publishes,
    volumes: { published, read, rendered, full_history: history },
    price: priceOf(row, { read, rendered, history }, meters.cachedTokenPrice),
  };
}

function nothing(forest: string): Told {
  const none = { bytes: 0, tokens: 0, countedBytes: 0 };
  return {
    labels: { forest, agent: '', tree: '' },
    publishes: 0,
    volumes: { published: none, read: none, rendered: none, full_history: none },
    price: { context: 0, contextCached: 0, fullHistory: 0, fullHistoryCached: 0 },
  };
}

function sum(one: Told, other: Told): Told {
  const volume = (kind: keyof Told['volumes']): Amount => ({
    bytes: one.volumes[kind].bytes + other.volumes[kind].bytes,
    tokens: one.volumes[kind].tokens + other.volumes[kind].tokens,
    countedBytes: one.volumes[kind].countedBytes + other.volumes[kind].countedBytes,
  });
  return {
    labels: one.labels,
    publishes: one.publishes + other.publishes,
    volumes: {
      published: volume('published'),
      read: volume('read'),
      rendered: volume('rendered'),
      full_history: volume('full_history'),
    },
    price: {
      context: one.price.context + other.price.context,
      contextCached: one.price.contextCached + other.price.contextCached,
      fullHistory: one.price.fullHistory + other.price.fullHistory,
      fullHistoryCached: one.price.fullHistoryCached + other.price.fullHistoryCached,
    },
  };
}

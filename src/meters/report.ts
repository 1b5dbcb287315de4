/** Meters as they are told: with estimates for what has not been counted, and prices. */
import { bytesPerToken } from './content.ts';
import type { MeterRow } from './meter-table.ts';
import type { Volume, VolumeReport } from './volume.ts';

export interface MeterReport {
  readonly agent: string;
  readonly tree: string;
  readonly publishes: number;
  readonly published: VolumeReport;
  readonly read: VolumeReport;
  readonly rendered: VolumeReport;
  readonly fullHistory: VolumeReport;
  readonly price: PriceReport;
}

/** In uncached tokens. */
export interface PriceReport {
  readonly context: number;
  readonly contextCached: number;
  readonly fullHistory: number;
  readonly fullHistoryCached: number;
}

/** A meter with its prices. */
export function report(
  row: MeterRow,
  history: Volume,
  estimate: number,
  cachedTokenPrice: number,
): MeterReport {
  const [read, rendered] = [row.read.tell(estimate), row.rendered.tell(estimate)];
  const fullHistory = history.tell(estimate);
  return {
    agent: row.agent,
    tree: row.tree,
    publishes: row.publishes,
    published: row.published.tell(estimate),
    read,
    rendered,
    fullHistory,
    price: priceOf(row, { read, rendered, history: fullHistory }, cachedTokenPrice),
  };
}

/** What these tokens of a meter cost. */
export function priceOf(
  row: MeterRow,
  { read, rendered, history }: Readonly<Record<'read' | 'rendered' | 'history', { readonly tokens: number }>>,
  cachedTokenPrice: number,
): PriceReport {
  const saved = 1 - cachedTokenPrice;
  const context = read.tokens + rendered.tokens;
  // What is not counted yet is taken to be cached like the rest.
  const cachedShare = row.history.tokens === 0 ? 0 : row.historyCachedTokens / row.history.tokens;
  return {
    context,
    contextCached: context - row.renderedCachedTokens * saved,
    fullHistory: history.tokens,
    fullHistoryCached: history.tokens * (1 - cachedShare * saved),
  };
}

/** What a byte takes where it was counted; the usual ratio where nothing was. */
export function tokensPerByte(rows: readonly MeterRow[]): number {
  let [bytes, tokens] = [0, 0];
  for (const { published, read } of rows) {
    bytes += published.countedBytes + read.countedBytes;
    tokens += published.tokens + read.tokens;
  }
  return bytes === 0 ? 1 / bytesPerToken : tokens / bytes;
}

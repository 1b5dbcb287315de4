/** What of `/metrics` no call tells: how far subscriptions are behind, and what was refused. */

export interface Metrics {
  /** By forest: how many journal entries its slowest subscription is behind. */
  readonly lagEntries: ReadonlyMap<string, number>;
  /** Calls and diffs refused since the broker's start. */
  readonly refusals: number;
}

/** They are looked at again soon. */
const answerMsMax = 2_000;

/** Reads them from the broker's port. `undefined` where they cannot be had: everything else can be shown without. */
export async function readMetrics(address: string): Promise<Metrics | undefined> {
  // Of several replicas the one that answers calls is not known.
  const [first = '', ...others] = address.split(',');
  if (others.length > 0) return undefined;
  const origin = /^https?:\/\//.test(first) ? first.replace(/\/$/, '') : `http://${first}`;
  try {
    const answer = await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(answerMsMax) });
    return answer.ok ? parseMetrics(await answer.text()) : undefined;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError'))
      return undefined;
    throw error;
  }
}

/** Reads Prometheus' text format, as far as it is needed. */
export function parseMetrics(text: string): Metrics {
  const lagEntries = new Map<string, number>();
  let refusals = 0;
  for (const [, name, labels = '', value] of text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)) {
    if (name === 'hyperloom_forest_subscription_lag_entries')
      lagEntries.set(/forest="([^"]*)"/.exec(labels)?.[1] ?? '', Number(value));
    else if (name === 'hyperloom_refusals_total') refusals += Number(value);
  }
  return { lagEntries, refusals };
}

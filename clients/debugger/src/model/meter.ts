/** Meters as a plot needs them: one line an agent, the largest first. */

/** What an agent has moved in one tree, in tokens. */
export interface TreeMeter {
  readonly agent: string;
  readonly tree: string;
  readonly publishes: number;
  readonly published: number;
  readonly read: number;
  readonly rendered: number;
  /** What it would have read if each publish had been made from the whole history. */
  readonly fullHistory: number;
  /** Of what was read and rendered, with a provider's cache, in uncached tokens. */
  readonly price: number;
  readonly fullHistoryPrice: number;
}

/** The same over all trees. */
export type AgentMeter = Omit<TreeMeter, 'tree'>;

/** Sums up by agent. Who has moved nothing is left out. */
export function sumMeters(meters: readonly TreeMeter[]): readonly AgentMeter[] {
  const sums = new Map<string, AgentMeter>();
  for (const { tree: _, ...meter } of meters) {
    const before = sums.get(meter.agent);
    sums.set(meter.agent, before === undefined ? meter : added(before, meter));
  }
  const weight = (meter: AgentMeter): number =>
    meter.fullHistory + meter.read + meter.rendered + meter.published;
  return [...sums.values()].filter((meter) => weight(meter) > 0).sort((a, b) => weight(b) - weight(a));
}

function added(left: AgentMeter, right: AgentMeter): AgentMeter {
  return {
    agent: left.agent,
    publishes: left.publishes + right.publishes,
    published: left.published + right.published,
    read: left.read + right.read,
    rendered: left.rendered + right.rendered,
    fullHistory: left.fullHistory + right.fullHistory,
    price: left.price + right.price,
    fullHistoryPrice: left.fullHistoryPrice + right.fullHistoryPrice,
  };
}

/**
 * How many fewer tokens than the whole history, in percent; `undefined` where there is nothing to compare with, as for an agent whose
 * reads came without its name.
 */
export function savedPercent({ read, rendered, fullHistory }: AgentMeter): number | undefined {
  return fullHistory === 0 || read + rendered === 0
    ? undefined
    : Math.round((1 - (read + rendered) / fullHistory) * 1_000) / 10;
}

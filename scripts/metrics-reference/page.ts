/** Puts the table of metrics between the marks of docs/metrics.md, from what the broker itself tells of them. */
import { join } from 'node:path';

import { BrokerCounters } from '../../src/rpc/metrics/broker-counters.ts';
import type { Family } from '../../src/rpc/metrics/exposition.ts';
import { familiesOf } from '../../src/rpc/metrics/metrics-route.ts';
import { root } from '../step.ts';

export const metricsFile = join(root, 'docs', 'metrics.md');

const [begin, end] = ['<!-- metrics: made by "npm run metrics-reference" -->', '<!-- end of metrics -->'];

/** Every metric that a broker can tell, in its order. */
export function allMetrics(): Family[] {
  return familiesOf({
    forests: { list: () => [] },
    counters: new BrokerCounters(),
    version: '',
    startTimeMs: 0,
    usage: () => ({ residentBytes: 0, cpuMs: 0 }),
    nowMs: () => 0,
  });
}

/** The page with its table made anew. */
export function metricsReference(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${metricsFile} has no place for its table: ${begin} … ${end}`);
  const rows = allMetrics().map(({ name, kind, labels, help }) => {
    const names = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${names} | ${help} |\n`;
  });
  const table = `| name | kind | labels | what it is |\n|---|---|---|---|\n${rows.join('')}`;
  return `${page.slice(0, from + begin.length)}\n\n${table}\n${page.slice(to)}`;
}

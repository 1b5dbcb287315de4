/** `hyperloom bench`: how fast a broker answers this machine. */
import { Argument } from 'commander';

import type { Client } from '../../../clients/typescript/src/index.ts';
import { randomId, systemRandom } from '../../base/random.ts';
import { positiveNumber } from '../arguments.ts';
import { benchCases } from '../bench/cases.ts';
import { measure, type Measured } from '../bench/measure.ts';
import type { AddCommand, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { grouped } from '../output/text.ts';

interface BenchOptions {
  readonly inFlight: number;
  readonly operations: number;
  readonly size: number;
}

export const addBench: AddCommand = (program, run) => {
  program
    .command('bench')
    .summary('measure how fast the broker answers here')
    .description(
      `Measures calls of this machine to the broker, in a forest of its own that is deleted afterwards: ${benchCases
        .map(({ name, about }) => `${name} (${about})`)
        .join(', ')}. It loads the broker as much as this machine can.`,
    )
    .addArgument(new Argument('[case...]', 'which; default: all').choices(benchCases.map(({ name }) => name)))
    .option('--operations <count>', 'how many of each', positiveNumber, 10_000)
    .option('--in-flight <count>', 'how many at the same time', positiveNumber, 50)
    .option('--size <bytes>', 'how long values are', positiveNumber, 200)
    .action((cases: string[], options: BenchOptions) => run((context) => bench(context, cases, options)));
};

async function bench(context: Context, names: readonly string[], options: BenchOptions): Promise<void> {
  const { client, output, surroundings } = context;
  const { operations, inFlight, size } = options;
  const signal = context.interruption();
  const forest = `bench-${randomId(systemRandom)}`;
  const value = 'x'.repeat(size);
  await client.forests.create(forest);
  const measured: Measured[] = [];
  try {
    const own: Client = client.as({ forest });
    for (const each of benchCases.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const progress = context.progress({ label: each.name, unit: 'operation', total: operations });
      const told = await measure(
        own,
        each,
        { operations, inFlight, value, signal },
        surroundings.clock,
        progress,
      );
      if (told === undefined) break;
      measured.push(told);
      if (output.json) await output.record({ ...told });
    }
  } finally {
    await client.forests.delete(forest);
  }
  if (!output.json) await output.rows(measured, columns, (told) => ({ ...told }), 'nothing was measured');
  if (signal.aborted) surroundings.setExitCode(exitCodes.interrupted.code);
}

const columns: readonly Column<Measured>[] = [
  { title: 'CASE', cell: (told) => told.case },
  { title: 'OPERATIONS', align: 'right', cell: ({ operations }) => grouped(operations) },
  {
    title: 'PER SECOND',
    align: 'right',
    cell: ({ operationsPerSecond }) => grouped(Math.round(operationsPerSecond)),
  },
  { title: 'P50 MS', align: 'right', cell: ({ p50Ms }) => p50Ms.toFixed(2) },
  { title: 'P90 MS', align: 'right', cell: ({ p90Ms }) => p90Ms.toFixed(2) },
  { title: 'P99 MS', align: 'right', cell: ({ p99Ms }) => p99Ms.toFixed(2) },
  { title: 'MAX MS', align: 'right', cell: ({ maxMs }) => maxMs.toFixed(2) },
];

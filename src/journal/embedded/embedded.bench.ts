/**
 * The embedded journal on the real disk: `node src/journal/embedded/embedded.bench.ts [--smoke] [FILTER]`.
 *
 * Cases: `journal/append/N-per-sync` appends 200-byte records and waits for each N of them; `journal/open/1m` opens a journal
 * of 1,000,000 records of 250 bytes. CPU is that of the whole process, user and system.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Journal } from '../journal.ts';
import { createEmbeddedJournal, openEmbeddedJournal } from './journal.ts';

const isSmoke = process.argv.includes('--smoke');
const filter = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
const runs = isSmoke ? 1 : 5;

interface Case {
  readonly name: string;
  readonly records: number;
  readonly payloadBytes: number;
  readonly perSync: number;
  /** What is measured: the appending, or the opening afterwards. */
  readonly measured: 'append' | 'open';
}

const cases: readonly Case[] = [
  { name: 'journal/append/1-per-sync', records: 5_000, payloadBytes: 200, perSync: 1, measured: 'append' },
  {
    name: 'journal/append/100-per-sync',
    records: 200_000,
    payloadBytes: 200,
    perSync: 100,
    measured: 'append',
  },
  {
    name: 'journal/append/1000-per-sync',
    records: 500_000,
    payloadBytes: 200,
    perSync: 1_000,
    measured: 'append',
  },
  { name: 'journal/open/1m', records: 1_000_000, payloadBytes: 250, perSync: 1_000, measured: 'open' },
];

interface Measurement {
  readonly cpuUs: number;
  readonly wallMs: number;
}

async function measure(work: () => Promise<void>): Promise<Measurement> {
  const cpu = process.cpuUsage();
  const startMs = systemClock.monotonicMs();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: user + system, wallMs: systemClock.monotonicMs() - startMs };
}

async function append(
  journal: Journal,
  payload: Uint8Array,
  records: number,
  perSync: number,
): Promise<void> {
  for (let done = 0; done < records; done += perSync) {
    for (let index = 0; index < perSync; index += 1) journal.append(payload, 'sync');
    await journal.flush();
  }
}

async function runOnce(one: Case): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-bench-'));
  try {
    const path = `${folder}/journal`;
    await createEmbeddedJournal(path);
    const journal = await openEmbeddedJournal(path);
    const random = seededRandom(1);
    const payload = Uint8Array.from({ length: one.payloadBytes }, () => random.below(256));
    const records = isSmoke ? Math.min(one.records, one.perSync * 10) : one.records;
    const warmUp = Math.min(records, one.perSync * 20);
    await append(journal, payload, warmUp, one.perSync);
    const appended = await measure(() => append(journal, payload, records, one.perSync));
    await journal.close();
    if (one.measured === 'append') return appended;
    return await measure(async () => await (await openEmbeddedJournal(path)).close());
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const one of cases.filter(({ name }) => name.includes(filter))) {
  const results: Measurement[] = [];
  for (let run = 0; run < runs; run += 1) results.push(await runOnce(one));
  const records = isSmoke ? Math.min(one.records, one.perSync * 10) : one.records;
  const cpu = results.map(({ cpuUs }) => cpuUs / records).sort((left, right) => left - right);
  const wall = results.map(({ wallMs }) => wallMs).sort((left, right) => left - right);
  const middle = Math.floor(runs / 2);
  const figures = [
    `${(cpu[middle] ?? 0).toFixed(2)} µs CPU a record (${(cpu[0] ?? 0).toFixed(2)}–${(cpu.at(-1) ?? 0).toFixed(2)})`,
    `${Math.round(records / ((wall[middle] ?? 1) / 1_000)).toLocaleString('en')} records/s`,
    `${(wall[middle] ?? 0).toFixed(0)} ms`,
  ];
  console.log(`${one.name}  ${figures.join(', ')}  [${runs} runs, Node ${process.version}]`);
}

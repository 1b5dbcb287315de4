/** A soak from the start of its broker to its verdicts. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect } from '../../clients/typescript/src/index.ts';
import type { Client } from '../../clients/typescript/src/index.ts';
import { root } from '../../scripts/step.ts';
import { cacheFolder } from '../harness/tools.ts';
import { descriptorsOf, startSoakBroker } from './broker.ts';
import type { SoakBroker } from './broker.ts';
import type { LoadPlan } from './load/main.ts';
import { startLoad } from './loads.ts';
import type { Load } from './loads.ts';
import { measureRow } from './rows.ts';
import type { Row } from './rows.ts';
import type { LoadSample } from './sample.ts';
import type { Ending, Rest } from './verdicts.ts';

export interface RunOptions {
  readonly minutes: number;
  readonly perSecond: number;
  readonly sampleMs: number;
  /** How often a full collection is asked for. */
  readonly collectMs: number;
  readonly plan: LoadPlan;
  /** The interpreter that has the Python client. */
  readonly python: string;
  /** Told of each row. */
  onRow(row: Row): void;
}

export interface RunResult {
  readonly rows: readonly Row[];
  readonly ending: Ending;
  readonly kinds: ReadonlyMap<string, { readonly count: number; readonly refused: number }>;
}

/** The rates in the load's sources add up to so many a second. */
const perSecondOfFactorOne = 600;
/** A lease that was lost with its connection lasts as long as its ttl. */
const restMsMax = 150_000;
/** As long as the load waits: a machine that others use may stop for so long, and a sample that is late is no reason to end an hour. */
const samplerMsMax = 120_000;

export async function runSoak(options: RunOptions): Promise<RunResult> {
  const folder = mkdtempSync(join(cacheFolder(), 'soak-'));
  const data = join(folder, 'data');
  const probeFile = join(folder, 'probe.jsonl');
  const broker = await startSoakBroker(data, {
    file: probeFile,
    sampleMs: options.sampleMs,
    collectMs: options.collectMs,
  });
  const end = new AbortController();
  void broker.ended.then(() => end.abort());
  const client = connect(broker.address, { author: 'sampler', trackBasis: false, timeoutMs: samplerMsMax });
  const before = await restOf(client, broker);
  const loads = startLoads(options, broker.address);
  const counted = new Counted();
  const rows: Row[] = [];
  const startMs = performance.now();
  let lastMs = startMs;
  while (!end.signal.aborted && performance.now() - startMs < options.minutes * 60_000) {
    await sleep(options.sampleMs);
    const nowMs = performance.now();
    const samples = loads.flatMap((load) => load.take());
    counted.add(samples);
    const measured = { client, pid: broker.pid, data, probeFile };
    const row = await measureRow(measured, samples, (nowMs - startMs) / 60_000, (nowMs - lastMs) / 1_000);
    lastMs = nowMs;
    rows.push(row);
    appendFileSync(join(folder, 'rows.jsonl'), `${JSON.stringify(row)}\n`);
    options.onRow(row);
  }
  const results = await Promise.all(loads.map((load) => load.stop()));
  counted.add(loads.flatMap((load) => load.take()));
  const after = await untilAtRest(client, broker, before);
  const totals = await foundTotals(client, Object.assign({}, ...results.map(({ totals }) => totals)));
  const hashBefore = (await client.status({ stateHash: true })).stateHash;
  await client.close();
  const exitCode = await broker.stop();
  const complaints = complaintsIn(broker.errors());
  const hashAfter = await hashAfterRestart(data);
  rmSync(folder, { recursive: true, force: true });
  const { failures, failuresTotal, kinds } = counted;
  const ending = {
    before,
    after,
    failures,
    failuresTotal,
    totals,
    exitCode,
    complaints,
    hashBefore,
    hashAfter,
  };
  return { rows, ending, kinds };
}

function startLoads({ perSecond, sampleMs, plan, python }: RunOptions, address: string): Load[] {
  const factor = String(perSecond / perSecondOfFactorOne);
  const script = join('bench', 'soak', 'load', 'main.ts');
  const typescript = [script, address, factor, String(sampleMs), JSON.stringify(plan)];
  const seconds = [String(sampleMs / 1_000), String(plan.visitMsMax / 1_000)];
  return [
    startLoad('typescript', process.execPath, typescript),
    startLoad(
      'python',
      python,
      ['-m', 'bench.soak', address, factor, ...seconds],
      join(root, 'clients', 'python'),
    ),
  ];
}

/** Sums over all samples. */
class Counted {
  readonly kinds = new Map<string, { count: number; refused: number }>();
  readonly failures: string[] = [];
  failuresTotal = 0;

  add(samples: readonly LoadSample[]): void {
    for (const { kinds, failures, failuresTotal } of samples) {
      this.failures.push(...failures.slice(0, Math.max(0, 10 - this.failures.length)));
      this.failuresTotal += failuresTotal;
      for (const [name, { count, refused }] of Object.entries(kinds)) {
        const sum = this.kinds.get(name) ?? { count: 0, refused: 0 };
        this.kinds.set(name, { count: sum.count + count, refused: sum.refused + refused });
      }
    }
  }
}

async function restOf(client: Client, broker: SoakBroker): Promise<Rest> {
  const { forest, leases, locksHeld, locksWaiting, subscriptions } = await client.status();
  const { sockets, deletedFiles } = descriptorsOf(broker.pid);
  return {
    sockets,
    deletedFiles,
    ghosts: forest.ghosts,
    leases,
    locks: locksHeld + locksWaiting,
    subscriptions,
  };
}

/** Waits until everything without an owner has ended, for as long as that may take. */
async function untilAtRest(client: Client, broker: SoakBroker, before: Rest): Promise<Rest> {
  const startMs = performance.now();
  for (;;) {
    const rest = await restOf(client, broker);
    const { sockets, deletedFiles, ghosts, leases, locks, subscriptions } = rest;
    const isAtRest =
      ghosts + leases + locks + subscriptions + deletedFiles === 0 && sockets <= before.sockets;
    if (isAtRest || performance.now() - startMs > restMsMax) return rest;
    await sleep(500);
  }
}

async function foundTotals(
  client: Client,
  totals: Readonly<Record<string, number>>,
): Promise<Ending['totals'][number][]> {
  const found: Ending['totals'][number][] = [];
  for (const [path, acknowledged] of Object.entries(totals)) {
    const node = await client.find(path);
    found.push({ path, acknowledged, found: Number(node?.value ?? 0) });
  }
  return found;
}

/** What the broker logged that is no mere information. */
function complaintsIn(errors: string): string[] {
  return errors
    .split('\n')
    .filter((line) => line !== '' && !/"level":"(info|debug)"/.test(line))
    .slice(0, 5);
}

async function hashAfterRestart(data: string): Promise<string> {
  const again = await startSoakBroker(data);
  const client = connect(again.address, { author: 'sampler' });
  const { stateHash } = await client.status({ stateHash: true });
  await client.close();
  await again.stop();
  return stateHash;
}

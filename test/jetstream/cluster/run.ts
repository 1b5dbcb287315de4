/** One run: three servers of NATS, three brokers, workers in three languages that ask all of them, a nemesis; then quiet, restarts, and all checks. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { seededRandom } from '../../../src/base/random.ts';
import { insisting } from '../../consistency/broker.ts';
import type { Absence } from '../../consistency/broker.ts';
import { Chronicle } from '../../consistency/chronicle.ts';
import { closingList } from '../../consistency/closing.ts';
import { Fleet } from '../../consistency/fleet.ts';
import { History } from '../../consistency/history.ts';
import { judge, nothingJudged } from '../../consistency/judgement.ts';
import type { ForestEvidence } from '../../consistency/judgement.ts';
import { watchPulse } from '../../consistency/pulse.ts';
import { forests, nowNs, readLines } from '../../consistency/record.ts';
import { makeForests, quietMsMax, sayTheEnd } from '../../consistency/run.ts';
import type { RunOptions as AloneOptions, RunResult as AloneResult } from '../../consistency/run.ts';
import { plain } from '../../consistency/security.ts';
import { Cluster } from './cluster.ts';
import { agreedHashes, endsApart, newestTold, restartsMax } from './ending.ts';
import { Nemesis } from './nemesis.ts';
import { plan } from './schedule.ts';
import type { Fault } from './schedule.ts';

export interface RunOptions extends Omit<AloneOptions, 'faults' | 'hasTls'> {
  /** What may go wrong. */
  readonly faults: readonly Fault[];
  /** Whether all of it has to at least once, even where that takes longer. */
  readonly isWhole: boolean;
}

export interface RunResult extends AloneResult {
  /** The longest time from the end of a fault, or of two at once, until all brokers took writes again, in milliseconds. */
  readonly backMs: ReadonlyMap<string, number>;
}

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, folder, python, goWorker, mutant } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const cluster = await Cluster.start({ folder, mutant });
  const address = cluster.targets;
  const fleet = new Fleet({ address, security: plain, folder, python, goWorker, seed });
  const chronicles = forests.map((forest) => new Chronicle(forest, insisting));
  const nemesis = new Nemesis(cluster, fleet, chronicles, options.faults);
  try {
    return await runWith(options, cluster, fleet, nemesis, chronicles);
  } catch (error) {
    // Somebody does not start any more, does not answer, or ended by itself.
    const violations = [{ guarantee: 'live', what: error instanceof Error ? error.message : String(error) }];
    const { counts, absences, backMs } = nemesis;
    return { ...nothingJudged, hasTls: false, violations, faults: counts, absences, backMs };
  } finally {
    fleet.kill();
    for (const { host, server } of cluster.nats)
      writeFileSync(join(folder, `${host.name}.log`), server.output);
    await cluster.close();
  }
}

async function runWith(
  { seed, seconds, folder, checker, faults, isWhole, mutant }: RunOptions,
  cluster: Cluster,
  fleet: Fleet,
  nemesis: Nemesis,
  chronicles: readonly Chronicle[],
): Promise<RunResult> {
  const [first] = cluster.brokers;
  if (first === undefined) throw new Error('there are no brokers');
  await makeForests(first.address);
  const over = new AbortController();
  const starved: Absence[] = [];
  const pulse = watchPulse({ address: cluster.targets }, plain, starved, over.signal);
  try {
    await fleet.start();
    await nemesis.follow(plan(seededRandom(seed), faults), nowNs() + seconds * 1e9, isWhole);
    await fleet.quiet(quietMsMax);
  } finally {
    over.abort();
    await pulse;
  }
  const restarted: Absence = { startNs: nowNs(), endNs: Infinity, kind: 'stopped' };
  // A mistake that was put in need not be looked for in restarts as well.
  const rest = await agreedHashes(cluster.brokers, forests, mutant === undefined ? restartsMax : 0);
  restarted.endNs = nowNs();
  const apart: string[] = [];
  const closings = forests.map((forest) => join(folder, `closing-${forest}.jsonl`));
  for (const [index, forest] of forests.entries()) {
    await closingList(first.address, plain, forest, closings[index] ?? '');
    const told = newestTold(forest, fleet.files);
    await sayTheEnd(first.address, forest);
    apart.push(...(await endsApart(cluster.brokers, forest, told)));
  }
  // Subscribers that would never see the end are not waited for: what they were told is judged as it is.
  if (apart.length === 0) await fleet.end(quietMsMax);
  const lines = [...fleet.files, ...closings].flatMap(readLines);
  const absences = [...nemesis.absences, ...starved, restarted].sort((a, b) => a.startNs - b.startNs);
  const found: ForestEvidence[] = [];
  for (const chronicle of chronicles) {
    // What the first tells is what the others must tell as well.
    for (const { address } of cluster.brokers) await chronicle.catchUp(address, true);
    const { forest, events, compactions } = chronicle;
    const hashes = rest.hashes.get(forest) ?? [];
    const history = History.of(forest, lines);
    const { killedNs } = fleet;
    found.push({ forest, history, events, absences, killedNs, hashes, compactions, isShared: true });
  }
  const judgement = await judge(found, checker, join(folder, 'pages'));
  const told = chronicles.flatMap(({ bugs }) => bugs);
  return {
    ...judgement,
    violations: [
      ...[...nemesis.bugs, ...rest.bugs, ...told].map((what) => ({ guarantee: 'no bug', what })),
      ...[...apart, ...fleet.bugs].map((what) => ({ guarantee: 'live', what })),
      ...judgement.violations,
    ],
    hasTls: false,
    absences,
    faults: nemesis.counts,
    backMs: nemesis.backMs,
  };
}

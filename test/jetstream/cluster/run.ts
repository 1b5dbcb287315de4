/** One run: three servers of NATS, three brokers, workers in three languages that ask all of them, a nemesis; then quiet, restarts, and all checks. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { seededRandom } from '../../../src/base/random.ts';
import { asking, limits } from '../../consistency/broker.ts';
import type { Absence } from '../../consistency/broker.ts';
import type { StateHash } from '../../consistency/checks/evidence.ts';
import { Chronicle } from '../../consistency/chronicle.ts';
import { closingList } from '../../consistency/closing.ts';
import { Fleet } from '../../consistency/fleet.ts';
import { History } from '../../consistency/history.ts';
import { judge, nothingJudged } from '../../consistency/judgement.ts';
import { watchPulse } from '../../consistency/pulse.ts';
import { nowNs, readLines } from '../../consistency/record.ts';
import { quietMsMax, sayTheEnd, stateHash } from '../../consistency/run.ts';
import type { RunOptions as AloneOptions, RunResult as AloneResult } from '../../consistency/run.ts';
import { plain } from '../../consistency/security.ts';
import type { ClusterBroker } from './broker.ts';
import { Cluster } from './cluster.ts';
import { Nemesis } from './nemesis.ts';
import { plan } from './schedule.ts';
import type { Fault } from './schedule.ts';

export interface RunOptions extends Omit<AloneOptions, 'faults' | 'hasTls'> {
  /** What may go wrong. */
  readonly faults: readonly Fault[];
}

export interface RunResult extends AloneResult {
  /** The longest time from the end of a fault until all brokers took writes again, in milliseconds. */
  readonly backMs: ReadonlyMap<Fault, number>;
}

/** Where workers work. */
const forests = ['default'] as const;
/** After so many restarts even what was left behind last has ended. */
const restartsMax = 10;

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, folder, python, goWorker, mutant } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const cluster = await Cluster.start({ folder, mutant });
  const fleet = new Fleet({
    address: cluster.targets,
    security: plain,
    folder,
    python,
    goWorker,
    seed,
    forests,
  });
  const nemesis = new Nemesis(cluster, fleet, options.faults);
  try {
    return await runWith(options, cluster, fleet, nemesis);
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
  { seed, seconds, folder, checker, faults }: RunOptions,
  cluster: Cluster,
  fleet: Fleet,
  nemesis: Nemesis,
): Promise<RunResult> {
  const over = new AbortController();
  const starved: Absence[] = [];
  const pulse = watchPulse({ address: cluster.targets }, plain, starved, over.signal);
  try {
    await fleet.start();
    await nemesis.follow(plan(seededRandom(seed), faults), nowNs() + seconds * 1e9);
    await fleet.quiet(quietMsMax);
  } finally {
    over.abort();
    await pulse;
  }
  const restarted: Absence = { startNs: nowNs(), endNs: Infinity, kind: 'stopped' };
  const hashes = await agreedHashes(cluster.brokers, nemesis);
  restarted.endNs = nowNs();
  const [first] = cluster.brokers;
  if (first === undefined) throw new Error('there are no brokers');
  const [forest] = forests;
  const closing = join(folder, `closing-${forest}.jsonl`);
  await closingList(first.address, plain, forest, closing);
  await sayTheEnd(first.address, forest);
  await fleet.end(quietMsMax);
  const chronicle = new Chronicle(forest);
  // What the first tells is what the others must tell as well.
  for (const { address } of cluster.brokers) await chronicle.catchUp(address, true);
  const history = History.of(forest, [...fleet.files, closing].flatMap(readLines));
  const absences = [...nemesis.absences, ...starved, restarted].sort((a, b) => a.startNs - b.startNs);
  const { events, compactions } = chronicle;
  const evidence = { forest, history, events, absences, killedNs: fleet.killedNs, hashes, compactions };
  const judgement = await judge([evidence], checker, join(folder, 'pages'));
  const bugs = [...nemesis.bugs, ...chronicle.bugs];
  return {
    ...judgement,
    violations: [
      ...bugs.map((what) => ({ guarantee: 'no bug', what })),
      ...fleet.bugs.map((what) => ({ guarantee: 'live', what })),
      ...judgement.violations,
    ],
    hasTls: false,
    absences,
    faults: nemesis.counts,
    backMs: nemesis.backMs,
  };
}

/** State hashes of all brokers, before and after restarts, until all stand at one position at which they stood before. */
async function agreedHashes(
  brokers: readonly ClusterBroker[],
  { bugs }: Nemesis,
): Promise<readonly StateHash[]> {
  const taken: StateHash[] = [];
  for (let restarts = 0; restarts <= restartsMax; restarts += 1) {
    const now: StateHash[] = [];
    for (const { address } of brokers) now.push(await hashUpToDate(address));
    const positions = new Set(now.map(({ position }) => position));
    const isSettled = positions.size === 1 && taken.some(({ position }) => positions.has(position));
    taken.push(...now);
    if (isSettled && restarts >= 2) return taken;
    const broker = brokers[restarts % brokers.length];
    const code = await broker?.restart(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL', 0);
    if (restarts % 2 === 0 && code !== 0)
      bugs.push(`a broker at rest ended with ${code} when it was told to stop`);
  }
  bugs.push('the brokers never came to stand at one position');
  return taken;
}

/** Once this broker has seen everything. */
async function hashUpToDate(address: string): Promise<StateHash> {
  await asking(address, ({ context }) => context.listGhosts({}, limits));
  return stateHash(address, '');
}

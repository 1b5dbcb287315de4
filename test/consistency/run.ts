/** One run: a broker, workers in three languages, a nemesis with a plan from the seed; then quiet, two more restarts, and all checks. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { seededRandom } from '../../src/base/random.ts';
import { putText } from '../support/broker.ts';
import { asking, limits, TestedBroker } from './broker.ts';
import type { Absence } from './broker.ts';
import type { StateHash } from './checks/evidence.ts';
import { Chronicle } from './chronicle.ts';
import { closingList } from './closing.ts';
import { Fleet } from './fleet.ts';
import { History } from './history.ts';
import { judge, nothingJudged } from './judgement.ts';
import type { ForestEvidence, Judgement } from './judgement.ts';
import { Nemesis } from './nemesis.ts';
import { Proxy } from './proxy.ts';
import { watchPulse } from './pulse.ts';
import { forests, nowNs, readLines } from './record.ts';
import { plan } from './schedule.ts';
import type { Fault } from './schedule.ts';
import { plain, withTls } from './security.ts';
import type { Security } from './security.ts';
import { endPath } from './workers/following.ts';

export interface RunOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Where its data and histories go. What was there is lost. */
  readonly folder: string;
  /** The checker's program. */
  readonly checker: string;
  readonly python: string | undefined;
  readonly goWorker: string | undefined;
  /** Whether everybody speaks TLS. */
  readonly hasTls: boolean;
  /** What may go wrong. */
  readonly faults: readonly Fault[];
  /** A mistake to put into the broker, by its name. */
  readonly mutant: string | undefined;
}

export interface RunResult extends Judgement {
  readonly hasTls: boolean;
  readonly faults: ReadonlyMap<string, number>;
  readonly absences: readonly Absence[];
}

/** Runs that are as long bring every fault at least once, even where that takes longer. */
const wholeSecondsMin = 30;
/** How long workers may take to end what they have begun: much longer than any call waits, on a machine that has no time for them. */
export const quietMsMax = 600_000;
/** After so many restarts even what was left behind last has ended. */
const restartsMax = 8;

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, folder, python, goWorker, mutant } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const security = options.hasTls ? withTls(folder) : plain;
  const broker = new TestedBroker(folder, security, mutant);
  await broker.start();
  await makeForests(broker.address);
  const proxy = new Proxy(() => broker.port);
  const fleet = new Fleet({ address: await proxy.listen(), security, folder, python, goWorker, seed });
  const chronicles = forests.map((forest) => new Chronicle(forest));
  const nemesis = new Nemesis(broker, proxy, fleet, chronicles, options.faults);
  try {
    return await runWith({ ...options, security }, broker, fleet, nemesis, chronicles);
  } catch (error) {
    // It does not start any more, say because it finds that something is gone which it had acknowledged; or it does not answer.
    const violations = [{ guarantee: 'live', what: error instanceof Error ? error.message : String(error) }];
    return {
      ...nothingJudged,
      hasTls: options.hasTls,
      violations,
      faults: nemesis.counts,
      absences: broker.absences,
    };
  } finally {
    fleet.kill();
    proxy.close();
    await broker.stop('SIGKILL');
  }
}

async function runWith(
  { seed, seconds, folder, checker, faults, security }: RunOptions & { readonly security: Security },
  broker: TestedBroker,
  fleet: Fleet,
  nemesis: Nemesis,
  chronicles: readonly Chronicle[],
): Promise<RunResult> {
  const over = new AbortController();
  const starved: Absence[] = [];
  const pulse = watchPulse(broker, security, starved, over.signal);
  try {
    await fleet.start();
    await nemesis.follow(
      plan(seededRandom(seed), faults),
      nowNs() + seconds * 1e9,
      seconds >= wholeSecondsMin,
    );
    await fleet.quiet(quietMsMax);
  } finally {
    over.abort();
    await pulse;
  }
  // All of it counts as one absence: nobody takes the pulse between the restarts.
  const hashes = await broker.absent('restarted', () => restartTwice(broker));
  const closings = forests.map((forest) => join(folder, `closing-${forest}.jsonl`));
  for (const [index, forest] of forests.entries()) {
    await closingList(broker.address, security, forest, closings[index] ?? '');
    await sayTheEnd(broker.address, forest);
  }
  await fleet.end(quietMsMax);
  const lines = [...fleet.files, ...closings].flatMap(readLines);
  const absences = [...broker.absences, ...starved].sort((a, b) => a.startNs - b.startNs);
  const found: ForestEvidence[] = [];
  for (const chronicle of chronicles) {
    await chronicle.catchUp(broker.address, true);
    const { forest, events, compactions } = chronicle;
    const history = History.of(forest, lines);
    const own = { hashes: hashes.get(forest) ?? [], compactions, isShared: false };
    found.push({ forest, history, events, absences, killedNs: fleet.killedNs, ...own });
  }
  const judgement = await judge(found, checker, join(folder, 'pages'));
  const bugs = [...nemesis.bugs, ...chronicles.flatMap((each) => each.bugs)];
  return {
    ...judgement,
    violations: [
      ...bugs.map((what) => ({ guarantee: 'no bug', what })),
      ...fleet.bugs.map((what) => ({ guarantee: 'live', what })),
      ...judgement.violations,
    ],
    hasTls: security !== plain,
    absences,
    faults: nemesis.counts,
  };
}

/** Of each forest: state hashes around an orderly restart and a kill, and around more where leases that ended meanwhile have changed the state. */
async function restartTwice(broker: TestedBroker): Promise<ReadonlyMap<string, readonly StateHash[]>> {
  const taken = new Map<string, StateHash[]>();
  for (let restarts = 0; restarts <= restartsMax; restarts += 1) {
    let isSettled = restarts >= 2;
    for (const forest of forests) {
      const hash = await stateHash(broker.address, forest);
      const hashes = taken.get(forest) ?? [];
      isSettled &&= hash.position === hashes.at(-1)?.position;
      taken.set(forest, [...hashes, hash]);
    }
    if (isSettled) break;
    if (restarts < restartsMax) await broker.restart(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL', 0);
  }
  return taken;
}

export async function stateHash(address: string, forest: string): Promise<StateHash> {
  return asking(address, async (clients) => {
    const asked = { forest, includeStateHash: true };
    const { stateHash, stateHashPosition } = await clients.forests.getStatus(asked, limits);
    return { position: Number(stateHashPosition), hash: stateHash };
  });
}

/** Those that are not there from the start. */
export async function makeForests(address: string): Promise<void> {
  const [, ...others] = forests;
  await asking(address, async (clients) => {
    for (const forest of others)
      await clients.forests.createForest({ name: forest, requestId: `make ${forest}` }, limits);
  });
}

export async function sayTheEnd(address: string, forest: string): Promise<void> {
  const request = { forest, operations: [putText(endPath, 'the end')], requestId: 'the end' };
  await asking(address, ({ context }) => context.publish(request, limits));
}

/** One run: a broker, workers in three languages, a nemesis with a plan from the seed; then quiet, two more restarts, and all checks. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { seededRandom } from '../../src/base/random.ts';
import { putText } from '../support/broker.ts';
import { asking, limits, TestedBroker } from './broker.ts';
import type { Absence } from './broker.ts';
import type { Evidence, StateHash } from './checks/evidence.ts';
import { violationsOf } from './checks/index.ts';
import type { Violation } from './checks/index.ts';
import { closingList } from './closing.ts';
import { Fleet } from './fleet.ts';
import { History } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import type { Verdict } from './linearizable.ts';
import { Nemesis } from './nemesis.ts';
import { Proxy } from './proxy.ts';
import { watchPulse } from './pulse.ts';
import { nowNs } from './record.ts';
import { plan } from './schedule.ts';
import type { Fault } from './schedule.ts';
import { readStory, Timeline } from './story.ts';
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
  /** What may go wrong. */
  readonly faults: readonly Fault[];
  /** A mistake to put into the broker, by its name. */
  readonly mutant: string | undefined;
}

export interface RunResult {
  readonly violations: readonly Violation[];
  /** Calls by type and outcome, such as `publish ok`. */
  readonly calls: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly verdict: Verdict;
  readonly absences: readonly Absence[];
  readonly revisions: number;
  /** What subscriptions were told. */
  readonly items: number;
}

const nothing: RunResult = {
  violations: [],
  calls: new Map(),
  faults: new Map(),
  verdict: { keys: 0, calls: 0, open: 0, hinted: 0, illegal: [], undecided: [], failures: [] },
  absences: [],
  revisions: 0,
  items: 0,
};

/** Runs that are as long bring every fault at least once, even where that takes longer. */
const wholeSecondsMin = 30;
/** How long workers may take to end what they have begun: much longer than any call waits, on a machine that has no time for them. */
const quietMsMax = 600_000;
/** After so many restarts even what was left behind last has ended. */
const restartsMax = 8;

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, folder, python, goWorker, mutant } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const broker = new TestedBroker(folder, mutant);
  await broker.start();
  const proxy = new Proxy(() => broker.port);
  const fleet = new Fleet({ address: await proxy.listen(), folder, python, goWorker, seed });
  const nemesis = new Nemesis(broker, proxy, fleet, options.faults);
  try {
    return await runWith(options, broker, fleet, nemesis);
  } catch (error) {
    // It does not start any more, say because it finds that something is gone which it had acknowledged; or it does not answer.
    const violations = [{ guarantee: 'live', what: error instanceof Error ? error.message : String(error) }];
    return { ...nothing, violations, faults: nemesis.counts, absences: broker.absences };
  } finally {
    fleet.kill();
    proxy.close();
    await broker.stop('SIGKILL');
  }
}

async function runWith(
  { seed, seconds, folder, checker, faults }: RunOptions,
  broker: TestedBroker,
  fleet: Fleet,
  nemesis: Nemesis,
): Promise<RunResult> {
  const over = new AbortController();
  const starved: Absence[] = [];
  const pulse = watchPulse(broker, starved, over.signal);
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
  const hashes = await restartTwice(broker);
  const closing = join(folder, 'closing.jsonl');
  await closingList(broker.address, closing);
  await sayTheEnd(broker.address);
  await fleet.end(quietMsMax);
  const events = await readStory(broker.address);
  const history = History.read([...fleet.files, closing]);
  const absences = [...broker.absences, ...starved].sort((a, b) => a.startNs - b.startNs);
  const evidence = { history, events, absences, hashes, killedNs: fleet.killedNs };
  const verdict = await checkLinearizable(checker, history, events, join(folder, 'pages'));
  const bugs = [...history.bugs, ...nemesis.bugs].map((what) => ({ guarantee: 'no bug', what }));
  const late = fleet.bugs.map((what) => ({ guarantee: 'live', what }));
  return {
    violations: [...bugs, ...late, ...judge(evidence, verdict)],
    verdict,
    absences,
    calls: countCalls(history),
    faults: nemesis.counts,
    revisions: events.length,
    items: history.subscriptions.reduce((total, { items }) => total + items.length, 0),
  };
}

function judge(evidence: Omit<Evidence, 'timeline'>, { illegal, undecided }: Verdict): Violation[] {
  const nodes = [
    ...illegal.map((key) => `the history of ${key} is not linearizable`),
    ...undecided.map((key) => `nobody knows whether the history of ${key} is linearizable`),
  ].map((what) => ({ guarantee: 'linearizable', what }));
  let timeline: Timeline;
  try {
    timeline = new Timeline(evidence.events);
  } catch (error) {
    return [...nodes, { guarantee: 'durable', what: String(error) }];
  }
  return [...nodes, ...violationsOf({ ...evidence, timeline })];
}

/** State hashes around an orderly restart and a kill, and around more where leases that ended meanwhile have changed the state. */
async function restartTwice(broker: TestedBroker): Promise<StateHash[]> {
  const hashes = [await stateHash(broker.address)];
  for (let restarts = 0; restarts < restartsMax; restarts += 1) {
    await broker.restart(restarts % 2 === 0 ? 'SIGTERM' : 'SIGKILL', 0);
    hashes.push(await stateHash(broker.address));
    const [last, before] = [hashes.at(-1), hashes.at(-2)];
    if (restarts > 0 && last?.position === before?.position) break;
  }
  return hashes;
}

async function stateHash(address: string): Promise<StateHash> {
  return asking(address, async ({ forests }) => {
    const { stateHash, stateHashPosition } = await forests.getStatus({ includeStateHash: true }, limits);
    return { position: Number(stateHashPosition), hash: stateHash };
  });
}

async function sayTheEnd(address: string): Promise<void> {
  const request = { operations: [putText(endPath, 'the end')], requestId: 'the end' };
  await asking(address, ({ context }) => context.publish(request, limits));
}

function countCalls({ calls }: History): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { wants, outcome } of calls) {
    const name = `${wants.type} ${outcome}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

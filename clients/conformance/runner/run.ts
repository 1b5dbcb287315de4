/** Runs all scenarios with one driver. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';

import {
  type Access,
  type CallStepSchema,
  type Scenario,
  ScenarioSchema,
} from '../gen/hyperloom/conformance/v1/scenario_pb.ts';
import type { Coverage } from './coverage.ts';
import { Driver } from './driver.ts';
import type { DriverKind } from './drivers.ts';
import { Link } from './link.ts';
import { isOfSdks, readExceptions, readScenarios } from './scenarios.ts';
import type { BrokerPool } from './broker-pool.ts';
import { type ScenarioBroker, type Through, withBroker } from './scenario-broker.ts';
import { rulesOf, type Stage, tell } from './story.ts';

/** How the scenarios went with a driver. */
export interface RunResult {
  readonly client: string;
  /** Empty: the language has none. */
  readonly sdk: string;
  /** With generated code. */
  readonly passed: number;
  /** With the SDK. */
  readonly passedBySdk: number;
  /** Sentences. */
  readonly failures: readonly string[];
  /** Scenarios that failed as its exceptions say. */
  readonly excepted: number;
}

/** The results of one driver, that was run more than once, as one. */
export function summed(results: readonly RunResult[]): RunResult {
  const sum = (pick: (result: RunResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    client: results[0]?.client ?? '',
    sdk: results[0]?.sdk ?? '',
    passed: sum(({ passed }) => passed),
    passedBySdk: sum(({ passedBySdk }) => passedBySdk),
    failures: results.flatMap(({ failures }) => failures),
    excepted: sum(({ excepted }) => excepted),
  };
}

/**
 * Scenarios at once: enough to be quick, few enough that deadlines mean something on a small machine. Those that have a broker to
 * themselves take longest, and as many brokers.
 */
const sharingAtOnceMax = 5;
const aloneAtOnceMax = 3;

/** Where scenarios are told. */
export interface Ground {
  readonly coverage: Coverage;
  readonly brokers: BrokerPool;
  readonly through: Through | undefined;
}

/** Runs the scenarios: those that share one on a broker of this driver. */
export async function runDriver(
  kind: DriverKind,
  scenarios: readonly Scenario[],
  ground: Ground,
): Promise<RunResult> {
  const exceptions = readExceptions(kind.exceptions);
  const driver = new Driver(kind.command, kind.folder);
  const failures: string[] = [];
  let passed = 0;
  let passedBySdk = 0;
  let excepted = 0;
  try {
    const { client, sdk } = await driver.ready();
    const isForIt = (scenario: Scenario): boolean =>
      isOfSdks(scenario) ? sdk !== '' : kind.sdkOnly !== true;
    await withBroker({ through: ground.through }, async (broker) => {
      const waiting = [...scenarios.entries()].filter(([, scenario]) => isForIt(scenario));
      const work = async (queue: [number, Scenario][]): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [index, scenario] = next;
          const forest = `${kind.language}-${index}`;
          const problem = await runScenario(scenario, { ...ground, driver, broker, forest });
          const exception = exceptions.get(scenario.name);
          if (problem === undefined && exception === undefined) {
            if (isOfSdks(scenario)) passedBySdk += 1;
            else passed += 1;
          } else if (problem !== undefined && exception !== undefined) excepted += 1;
          else
            failures.push(
              `${scenario.name}: ${problem ?? 'is an exception, and passes: take it from the list'}`,
            );
        }
      };
      const [alone, sharing] = [true, false].map((is) => waiting.filter(([, each]) => isAlone(each) === is));
      await Promise.all([
        ...Array.from({ length: aloneAtOnceMax }, () => work(alone ?? []).then(() => work(sharing ?? []))),
        ...Array.from({ length: sharingAtOnceMax }, () => work(sharing ?? [])),
      ]);
    });
    const known = new Set(readScenarios().map(({ name }) => name));
    for (const name of exceptions.keys())
      if (!known.has(name)) failures.push(`${name}: is an exception, and no scenario`);
    return { client, sdk, passed, passedBySdk, failures, excepted };
  } finally {
    await driver.close();
  }
}

interface Place extends Ground {
  readonly driver: Driver;
  /** The one that scenarios share. */
  readonly broker: ScenarioBroker;
  readonly forest: string;
}

/** What went wrong; `undefined` where nothing did. */
async function runScenario(scenario: Scenario, place: Place): Promise<string | undefined> {
  try {
    if (!isAlone(scenario)) await onStage(scenario, place);
    else {
      const kind = {
        diskFails: scenario.steps.some(({ action }) => action.case === 'disk'),
        asksWhoCalls: scenario.access !== undefined,
      };
      await place.brokers.with(kind, (broker) => onStage(scenario, { ...place, broker }));
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether it has a broker to itself. */
function isAlone({ ownBroker, access }: Scenario): boolean {
  return ownBroker || access !== undefined;
}

async function onStage(scenario: Scenario, { driver, coverage, broker, forest }: Place): Promise<void> {
  const link = await Link.to(() => broker.destination);
  const stage: Stage = {
    driver,
    coverage,
    forest,
    address: link.address,
    cut: () => link.cut(),
    ownBroker: isAlone(scenario) ? broker : undefined,
  };
  try {
    await createForest(stage);
    if (scenario.access !== undefined) await beginAccess(scenario.access, stage);
    await tell(scenario, stage);
  } catch (error) {
    if (link.problem === '') throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`${what} (the way to the broker: ${link.problem})`, { cause: error });
  } finally {
    link.close();
  }
}

/** Every scenario has a forest of its own, so that its revisions count from 1. */
function createForest(stage: Stage): Promise<void> {
  const token = stage.ownBroker?.access?.root ?? '';
  return tell(callOf({ rpc: 'CreateForest', request: { name: stage.forest }, token }), stage);
}

/** Resolves when the broker goes by what the scenario begins with. */
function beginAccess(access: Access, stage: Stage): Promise<void> {
  const broker = stage.ownBroker?.access;
  broker?.begin(rulesOf(access, new Map([['forest', stage.forest]])));
  const token = broker?.witness ?? '';
  return tell(callOf({ rpc: 'List', request: { path: '/' }, token, eventually: true }), stage);
}

function callOf(value: MessageInitShape<typeof CallStepSchema>): Scenario {
  return create(ScenarioSchema, { steps: [{ action: { case: 'call', value } }] });
}

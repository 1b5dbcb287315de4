/** Runs all scenarios with one driver. */
import { create } from '@bufbuild/protobuf';

import { type Scenario, ScenarioSchema } from '../gen/hyperloom/conformance/v1/scenario_pb.ts';
import type { Coverage } from './coverage.ts';
import { Driver } from './driver.ts';
import type { DriverKind } from './drivers.ts';
import { Link } from './link.ts';
import { isOfSdks, readExceptions, readScenarios } from './scenarios.ts';
import { type ScenarioBroker, type Through, withBroker } from './scenario-broker.ts';
import { rulesOf, type Stage, tell } from './story.ts';
import type { Saved } from './values.ts';

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

/** Scenarios at once: enough to be quick, few enough that deadlines mean something on a small machine. */
const atOnceMax = 8;

/** Runs the scenarios on a broker of their own. */
export async function runDriver(
  kind: DriverKind,
  scenarios: readonly Scenario[],
  coverage: Coverage,
  through?: Through,
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
    await withBroker({ through }, async (broker) => {
      const waiting = [...scenarios.entries()].filter(([, scenario]) => isForIt(scenario));
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, scenario] = next;
          const problem = await runScenario(scenario, {
            driver,
            coverage,
            broker,
            through,
            forest: `scenario-${index}`,
          });
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
      await Promise.all(Array.from({ length: atOnceMax }, work));
    });
    const known = new Set(readScenarios().map(({ name }) => name));
    for (const name of exceptions.keys())
      if (!known.has(name)) failures.push(`${name}: is an exception, and no scenario`);
    return { client, sdk, passed, passedBySdk, failures, excepted };
  } finally {
    await driver.close();
  }
}

interface Place {
  readonly driver: Driver;
  readonly coverage: Coverage;
  readonly broker: ScenarioBroker;
  readonly through: Through | undefined;
  readonly forest: string;
}

/** What went wrong; `undefined` where nothing did. */
async function runScenario(scenario: Scenario, place: Place): Promise<string | undefined> {
  const diskFails = scenario.steps.some(({ action }) => action.case === 'disk');
  const saved: Saved = new Map([['forest', place.forest]]);
  const access = scenario.access === undefined ? undefined : rulesOf(scenario.access, saved);
  const run = (broker: ScenarioBroker): Promise<void> => onStage(scenario, { ...place, broker });
  try {
    const { through } = place;
    await (isAlone(scenario) ? withBroker({ diskFails, access, through }, run) : run(place.broker));
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
    await tell(scenario, stage);
  } finally {
    link.close();
  }
}

/** Every scenario has a forest of its own, so that its revisions count from 1. */
function createForest(stage: Stage): Promise<void> {
  const token = stage.ownBroker?.access?.root ?? '';
  const value = { rpc: 'CreateForest', request: { name: stage.forest }, token };
  return tell(create(ScenarioSchema, { steps: [{ action: { case: 'call', value } }] }), stage);
}

/** Reads the scenarios, and the exceptions of each driver. */
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

import { type Scenario, ScenarioFileSchema } from '../gen/hyperloom/conformance/v1/scenario_pb.ts';

const scenariosFolder = new URL('../scenarios/', import.meta.url);

/** All scenarios, in the order of their files. Throws where one is malformed, or two have the same name. */
export function readScenarios(): readonly Scenario[] {
  const files = readdirSync(scenariosFolder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );
  const scenarios = files.sort().flatMap((name) => readFile(name));
  const names = new Set<string>();
  for (const { name } of scenarios) {
    if (names.has(name)) throw new Error(`two scenarios are called "${name}"`);
    names.add(name);
  }
  return scenarios;
}

/** Whether it is about SDKs, and so for drivers that have one. */
export function isOfSdks({ steps }: Scenario): boolean {
  return steps.some(({ action }) => action.case === 'sdk' || action.case === 'sdkStart');
}

/** Scenarios that a driver is known to fail, by name, each with the reason. */
export function readExceptions(file: URL): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries((parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, string>));
}

function readFile(name: string): readonly Scenario[] {
  try {
    // Numbers beyond 2^53 are quoted in scenarios, as in Protobuf's JSON.
    const content = parse(readFileSync(new URL(name, scenariosFolder), 'utf8')) as JsonValue;
    return fromJson(ScenarioFileSchema, content).scenarios;
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

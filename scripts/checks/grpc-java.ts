/** grpc-java against the broker: its own interop tests on both of its HTTP/2 clients, and scenarios with generated code. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, run, unavailable } from '../step.ts';
import { fingerprint } from './fingerprint.ts';
import { hasMaven, mavenArguments, noJava } from './java-client.ts';
import { interopDescriptors, withBrokers, withInteropServer } from './interop-server.ts';
import { scenarioResult } from './scenarios.ts';

const project = join('test', 'interop', 'java');

/** Builds the clients where their sources or the API changed since. Resolves with their class path. */
async function build(): Promise<string | undefined> {
  const folder = join(cacheFolder(), 'grpc-java');
  const stamp = join(folder, 'built-from');
  const sources = fingerprint([project, join('proto', 'hyperloom', 'v1')]);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sources) {
    const maven = [...mavenArguments(), '--file', join(project, 'pom.xml'), 'package'];
    if (!(await run('mvn', maven)).ok) return undefined;
    writeFileSync(stamp, sources);
  }
  return `${join(folder, 'classes')}:${join(folder, 'lib', '*')}`;
}

/** Both programs; each prints a line for each thing that it tries. */
export const grpcJavaStep: Step = {
  name: 'grpc-java',
  async run() {
    if (!(await hasMaven())) return unavailable(noJava);
    const [classes, descriptors] = [await build(), await interopDescriptors()];
    if (classes === undefined || descriptors === undefined) return failed('the clients could not be built');
    const java = (name: string, args: readonly string[]) =>
      run('timeout', ['400', 'java', '-cp', classes, name, ...args], true);
    const cases = await withInteropServer(descriptors, 'own', (port) =>
      java('hyperloom.interop.InteropCases', [port]),
    );
    const scenarios = await withBrokers((ports) => java('hyperloom.interop.Scenarios', ports));
    return scenarioResult([cases, scenarios], 2 * 24 + 12);
  },
};

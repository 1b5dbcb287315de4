/**
 * The conformance suite: `npm run conformance` tells every scenario with every client. Arguments choose: `--driver go` one
 * client, `--level sdk` or `--level generated` one level, other words scenarios with that in their names. `--through nginx`,
 * `haproxy` or `caddy` puts that before the broker, and `--tls` TLS on both of its sides.
 */
import { parseArgs } from 'node:util';

import type { Scenario } from './gen/hyperloom/conformance/v1/scenario_pb.ts';
import { gaps, noCoverage } from './runner/coverage.ts';
import { driverKinds } from './runner/drivers.ts';
import { runDriver } from './runner/run.ts';
import type { Through } from './runner/scenario-broker.ts';
import { isOfSdks, readScenarios } from './runner/scenarios.ts';
import { endWith } from '../../scripts/end.ts';
import { proxyKinds } from '../../test/interop/proxy.ts';

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      driver: { type: 'string', multiple: true },
      level: { type: 'string' },
      through: { type: 'string' },
      tls: { type: 'boolean', default: false },
    },
  });
  const through = throughOf(values.through, values.tls);
  const all = readScenarios();
  const isChosen = (scenario: Scenario): boolean =>
    (values.level === undefined || (values.level === 'sdk') === isOfSdks(scenario)) &&
    (positionals.length === 0 || positionals.some((word) => scenario.name.includes(word)));
  const scenarios = all.filter(isChosen);
  const kinds = driverKinds.filter(({ language }) => values.driver?.includes(language) ?? true);
  let failed = 0;
  let passed = 0;
  let excepted = 0;
  let absent = 0;
  for (const kind of kinds) {
    const missing = await kind.prepare();
    if (missing !== undefined) {
      console.log(`  ${kind.language}: not on this machine: ${missing}`);
      absent += 1;
      continue;
    }
    const coverage = noCoverage();
    const result = await runDriver(kind, scenarios, coverage, through);
    // A scenario that failed half-way is told of itself; what it did not come to is no second finding.
    const isWhole = scenarios.length === all.length && result.failures.length === 0 && kind.sdkOnly !== true;
    const unused = isWhole ? gaps(coverage) : [];
    for (const line of [...result.failures, ...unused]) console.log(`  ${kind.language}: ${line}`);
    const level = result.sdk === '' ? '' : ` and ${result.passedBySdk} with ${result.sdk}`;
    const counts = `${result.passed}${level} passed, ${result.failures.length + unused.length} failed, ${result.excepted} known exceptions`;
    console.log(`${kind.language} (${result.client}): ${counts}`);
    passed += result.passed + result.passedBySdk;
    failed += result.failures.length + unused.length;
    excepted += result.excepted;
  }
  const ofSdks = scenarios.filter(isOfSdks).length;
  console.log(
    `conformance: ${scenarios.length - ofSdks} scenarios for generated clients and ${ofSdks} for SDKs, ${kinds.length} runs: ${passed} passed, ${failed} failed, ${excepted} excepted, ${absent} clients absent`,
  );
  return failed > 0 || passed === 0 ? 1 : 0;
}

function throughOf(name: string | undefined, isSecret: boolean): Through | undefined {
  if (name === undefined && !isSecret) return undefined;
  const proxy = proxyKinds.find((each) => each === name);
  if (proxy === undefined) throw new TypeError(`--through is one of ${proxyKinds.join(', ')}`);
  return { proxy, isSecret };
}

endWith(await main(process.argv.slice(2)));

/**
 * The conformance suite: `npm run conformance` tells every scenario with every client. Arguments choose: `--driver go` one
 * client, `--level sdk` or `--level generated` one level, other words scenarios with that in their names. `--through nginx`,
 * `haproxy` or `caddy` puts that before the broker, and `--tls` TLS on both of its sides; with `--deal` every other scenario goes over TLS,
 * and others with each proxy.
 */
import { parseArgs } from 'node:util';

import type { Scenario } from './gen/hyperloom/conformance/v1/scenario_pb.ts';
import { gaps, noCoverage } from './runner/coverage.ts';
import { driverKinds } from './runner/drivers.ts';
import { BrokerPool } from './runner/broker-pool.ts';
import { runDriver, type RunResult, summed } from './runner/run.ts';
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
      deal: { type: 'boolean', default: false },
    },
  });
  const all = readScenarios();
  const isChosen = (scenario: Scenario): boolean =>
    (values.level === undefined || (values.level === 'sdk') === isOfSdks(scenario)) &&
    (positionals.length === 0 || positionals.some((word) => scenario.name.includes(word)));
  const scenarios = all.filter(isChosen);
  const kinds = driverKinds.filter(({ language }) => values.driver?.includes(language) ?? true);
  const passes = passesOf(scenarios, values).map((pass) => ({
    ...pass,
    brokers: new BrokerPool(pass.through),
  }));
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
    const results: RunResult[] = [];
    for (const pass of passes) results.push(await runDriver(kind, pass.scenarios, { ...pass, coverage }));
    const result = summed(results);
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
  await Promise.all(passes.map(({ brokers }) => brokers.close()));
  const ofSdks = scenarios.filter(isOfSdks).length;
  console.log(
    `conformance: ${scenarios.length - ofSdks} scenarios for generated clients and ${ofSdks} for SDKs, ${kinds.length} runs: ${passed} passed, ${failed} failed, ${excepted} excepted, ${absent} clients absent`,
  );
  return failed > 0 || passed === 0 ? 1 : 0;
}

interface Asked {
  readonly through?: string | undefined;
  readonly tls: boolean;
  readonly deal: boolean;
}

/** What goes which way. */
function passesOf(
  scenarios: readonly Scenario[],
  { through, tls, deal }: Asked,
): readonly { readonly scenarios: readonly Scenario[]; readonly through: Through | undefined }[] {
  if (through === undefined && !tls && !deal) return [{ scenarios, through: undefined }];
  const at = proxyKinds.findIndex((each) => each === through);
  const proxy = proxyKinds[at];
  if (proxy === undefined) throw new TypeError(`--through is one of ${proxyKinds.join(', ')}`);
  if (!deal) return [{ scenarios, through: { proxy, isSecret: tls } }];
  return [false, true].map((isSecret) => ({
    scenarios: scenarios.filter((_, index) => ((index + at) % 2 === 0) === isSecret),
    through: { proxy, isSecret },
  }));
}

endWith(await main(process.argv.slice(2)));

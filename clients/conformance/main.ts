/**
 * The conformance suite: `npm run conformance` tells every scenario with every client. Arguments choose: `--driver go` one
 * client, other words scenarios with that in their names.
 */
import { parseArgs } from 'node:util';

import { gaps, noCoverage } from './runner/coverage.ts';
import { driverKinds } from './runner/drivers.ts';
import { runDriver } from './runner/run.ts';
import { readScenarios } from './runner/scenarios.ts';

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { driver: { type: 'string', multiple: true } },
  });
  const all = readScenarios();
  const isChosen = ({ name }: { readonly name: string }): boolean =>
    positionals.length === 0 || positionals.some((word) => name.includes(word));
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
    const result = await runDriver(kind, scenarios, coverage);
    // A scenario that failed half-way is told of itself; what it did not come to is no second finding.
    const isWhole = scenarios.length === all.length && result.failures.length === 0;
    const unused = isWhole ? gaps(coverage) : [];
    for (const line of [...result.failures, ...unused]) console.log(`  ${kind.language}: ${line}`);
    const counts = `${result.passed} passed, ${result.failures.length + unused.length} failed, ${result.excepted} known exceptions`;
    console.log(`${kind.language} (${result.client}): ${counts}`);
    passed += result.passed;
    failed += result.failures.length + unused.length;
    excepted += result.excepted;
  }
  console.log(
    `conformance: ${scenarios.length} scenarios, ${kinds.length} clients: ${passed} passed, ${failed} failed, ${excepted} excepted, ${absent} clients absent`,
  );
  return failed > 0 || passed === 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));

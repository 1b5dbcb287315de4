/**
 * Runs the benches: `npm run bench -- [FILTER…] [--smoke] [--rounds N] [--list]`. A filter is a part of a case's name. A full run
 * stores its results in bench/results, writes the tables of bench/README.md and draws what is a plot; `--smoke` only shows that every case
 * runs.
 */
import { accessCases } from './cases/access.ts';
import { basisCases } from './cases/basis.ts';
import { branchCases } from './cases/branches.ts';
import { debuggerScaleCases } from './cases/debugger-scale.ts';
import { debuggerCases } from './cases/debugger.ts';
import { fanOutCases } from './cases/fan-out.ts';
import { ghostRpcCases } from './cases/ghost-rpc.ts';
import { ghostCases } from './cases/ghost.ts';
import { growthCases } from './cases/growth.ts';
import { langgraphCases } from './cases/langgraph.ts';
import { lockCases } from './cases/locks.ts';
import { memoryCases } from './cases/memory.ts';
import { meterCases } from './cases/meters.ts';
import { pauseCases } from './cases/pauses.ts';
import { peerCases } from './cases/peers.ts';
import { plotCases } from './cases/plots.ts';
import { publishLatencyCases } from './cases/publish-latency.ts';
import { publishStreamCases } from './cases/publish-stream.ts';
import { publishTypedCases } from './cases/publish-typed.ts';
import { publishUnaryCases } from './cases/publish-unary.ts';
import { recordCases } from './cases/record.ts';
import { renderCases } from './cases/render.ts';
import { replicaCases } from './cases/replicas.ts';
import { restartCases } from './cases/restart.ts';
import { stateCases } from './cases/state.ts';
import { tokenCases } from './cases/tokens.ts';
import { tracingCases } from './cases/tracing.ts';
import { tokenTaxCases } from './cases/token-tax.ts';
import { traceCases } from './cases/trace.ts';
import { describeMachine } from './harness/machine.ts';
import { caseTable, figureLines, saveReport, writeTables } from './harness/report.ts';
import { runCase } from './harness/runner.ts';
import { endWith } from '../scripts/end.ts';

const cases = [
  ...stateCases,
  ...ghostCases,
  ...ghostRpcCases,
  ...branchCases,
  ...growthCases,
  ...publishUnaryCases,
  ...accessCases,
  ...tracingCases,
  ...publishLatencyCases,
  ...recordCases,
  ...publishTypedCases,
  ...publishStreamCases,
  ...fanOutCases,
  ...lockCases,
  ...langgraphCases,
  ...renderCases,
  ...tokenCases,
  ...basisCases,
  ...traceCases,
  ...memoryCases,
  ...restartCases,
  ...pauseCases,
  ...meterCases,
  ...tokenTaxCases,
  ...debuggerCases,
  ...debuggerScaleCases,
  ...peerCases,
  ...replicaCases,
  ...plotCases,
];

async function main(args: readonly string[]): Promise<number> {
  const isSmoke = args.includes('--smoke');
  const roundsAt = args.indexOf('--rounds');
  const rounds = roundsAt < 0 ? undefined : Number(args[roundsAt + 1]);
  const filters = args.filter(
    (argument, index) => !argument.startsWith('--') && (roundsAt < 0 || index !== roundsAt + 1),
  );
  const chosen = cases.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  );
  if (args.includes('--list') || chosen.length === 0) {
    for (const { name, about } of cases) console.log(`${name.padEnd(24)} ${about}`);
    return chosen.length === 0 ? 1 : 0;
  }
  for (const benched of chosen) {
    const start = performance.now();
    const result = await runCase(benched, isSmoke, rounds);
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    console.log(
      `\n${result.name}${isSmoke ? ' (smoke: the figures mean nothing)' : ''}, ${seconds} s\n${caseTable(result)}`,
    );
    if (isSmoke) continue;
    console.log(figureLines(result).join('\n'));
    saveReport({ machine: describeMachine(), result });
  }
  if (isSmoke) console.log(`\n${chosen.length} benches ran, none failed`);
  else writeTables();
  return 0;
}

endWith(await main(process.argv.slice(2)));

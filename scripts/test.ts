/**
 * The test command (`npm test`): everything that must hold before a change lands, in order, each step with its time.
 * A failing step does not stop the others, unless `--bail` is given; the exit code tells. Arguments without dashes
 * choose steps by a part of their name: `npm test -- lint types`.
 */
import { existsSync } from 'node:fs';

import { benchesStep } from './checks/benches.ts';
import { clientConformanceStep } from './checks/client-conformance.ts';
import { conformanceStep } from './checks/conformance.ts';
import { clusterStep } from './checks/cluster.ts';
import { consistencyStep } from './checks/consistency.ts';
import { crewaiAutogenSteps } from './checks/crewai-autogen.ts';
import { deployStep, idleMinutesStep, meshStep, proxiedConformanceStep } from './checks/deploy.ts';
import { browserStep, edgeSteps } from './checks/edges.ts';
import { generatedSteps } from './checks/generated.ts';
import { frontendsStep } from './checks/frontends.ts';
import { goClientStep, goTestStep } from './checks/go-client.ts';
import { grpcJavaStep } from './checks/grpc-java.ts';
import { h2specStep } from './checks/h2spec.ts';
import { interopStep } from './checks/interop.ts';
import { jetstreamStep } from './checks/jetstream.ts';
import { javaClientStep } from './checks/java-client.ts';
import { mcpStep } from './checks/mcp.ts';
import { langgraphPythonStep } from './checks/langgraph-python.ts';
import { langgraphStep } from './checks/langgraph.ts';
import { observabilityStep } from './checks/observability.ts';
import { openaiAgentsStep } from './checks/openai-agents.ts';
import { pythonFrameworksStep } from './checks/python-frameworks.ts';
import { pythonSetUp, pythonSteps, pythonTool } from './checks/python.ts';
import { rustClientStep } from './checks/rust-client.ts';
import { staticSteps } from './checks/static.ts';
import { supplyChainSteps } from './checks/supply-chain.ts';
import { tonicStep } from './checks/tonic.ts';
import { nodeHttp2Step, vitestStep } from './checks/vitest.ts';
import type { Step, StepResult } from './step.ts';
import { failed, passed, run, unavailable } from './step.ts';
import { closingLine, table } from './summary.ts';
import { beginTranscript, lastLines } from './transcript.ts';
import { endWith } from './end.ts';

const soakSmoke: Step = {
  name: 'soak (smoke)',
  async run() {
    if (!existsSync(pythonTool('python'))) return unavailable('no Python environment');
    const { ok } = await run('node', ['bench/soak/main.ts', '--smoke']);
    return ok ? passed : failed('half a minute of the soak does not end well');
  },
};

const steps: readonly Step[] = [
  ...staticSteps,
  ...supplyChainSteps,
  pythonSetUp,
  ...generatedSteps,
  vitestStep,
  nodeHttp2Step,
  langgraphStep,
  h2specStep,
  conformanceStep,
  interopStep,
  grpcJavaStep,
  tonicStep,
  ...edgeSteps,
  observabilityStep,
  browserStep,
  mcpStep,
  ...pythonSteps,
  langgraphPythonStep,
  openaiAgentsStep,
  pythonFrameworksStep,
  frontendsStep,
  ...crewaiAutogenSteps,
  goClientStep,
  goTestStep,
  javaClientStep,
  rustClientStep,
  clientConformanceStep,
  deployStep,
  meshStep,
  proxiedConformanceStep,
  consistencyStep,
  jetstreamStep,
  clusterStep,
  idleMinutesStep,
  benchesStep,
  soakSmoke,
];

/**
 * CI ends a run after an hour and a half, and then nobody sees how it went. So no step is begun after this time: what is
 * left has failed.
 */
const ciMinutesMax = 80;

interface Finished {
  readonly name: string;
  readonly seconds: number;
  readonly result: StepResult;
  /** The end of what it printed. */
  readonly output: string;
}

const tooLate = failed(`not begun: ${ciMinutesMax} minutes had passed`);

async function runStep(step: Step): Promise<Finished> {
  console.log(`\n── ${step.name} ──`);
  beginTranscript();
  const start = performance.now();
  const result = await step.run().catch((error: unknown) => failed(String(error)));
  const seconds = (performance.now() - start) / 1_000;
  const note = result.note === '' ? '' : `: ${result.note}`;
  console.log(
    `── ${step.name}: ${result.failed === 0 ? 'ok' : 'FAILED'} in ${seconds.toFixed(1)} s${note} ──`,
  );
  return { name: step.name, seconds, result, output: lastLines() };
}

async function main(args: readonly string[]): Promise<number> {
  const isBailing = args.includes('--bail');
  const filters = args.filter((argument) => !argument.startsWith('--'));
  const chosen = steps.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) {
    console.error(`no step is named so; there are: ${steps.map(({ name }) => name).join(', ')}`);
    return 1;
  }
  for (const step of chosen) step.begin?.();
  const finished: Finished[] = [];
  for (const step of chosen) {
    const isLate = process.env['CI'] === 'true' && performance.now() > ciMinutesMax * 60_000;
    const done = await runStep(isLate ? { name: step.name, run: async () => tooLate } : step);
    finished.push(done);
    if (isBailing && done.result.failed > 0) break;
  }
  for (const { name, output } of finished.filter(({ result }) => result.failed > 0))
    console.log(`\n── ${name} FAILED: the end of what it printed ──\n${output}`);
  console.log(`\n${table(finished)}\n`);
  console.log(closingLine(finished.map(({ result }) => result)));
  return finished.some(({ result }) => result.failed > 0) ? 1 : 0;
}

endWith(await main(process.argv.slice(2)));

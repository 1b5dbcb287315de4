/** Makes all generated code anew (`npm run generate`): the broker's, and the clients'. */
import { goTypedTestCommand, typedTestCommand } from './checks/generated.ts';
import { prepareGoTools } from './checks/go-client.ts';
import { prepareJavaTools } from './checks/java-client.ts';
import { preparePython, pythonTool } from './checks/python.ts';
import { prepareRustTools } from './checks/rust-client.ts';
import type { StepResult } from './step.ts';
import { run } from './step.ts';

type Command = readonly [string, ...string[]];

function buf(template: string): Command {
  return ['buf', 'generate', '--template', template];
}

const always = async (): Promise<StepResult | null> => null;

/** What is generated, and what must be there first. */
const parts: readonly (readonly [string, () => Promise<StepResult | null>, Command])[] = [
  ['src/gen', always, ['buf', 'generate']],
  ['docs/deploy', always, ['node', 'scripts/service-config.ts']],
  ['clients/typescript', always, buf('clients/typescript/buf.gen.yaml')],
  ['clients/typescript/src/testing', always, typedTestCommand],
  ['clients/conformance', always, buf('clients/conformance/buf.gen.yaml')],
  ['clients/python', preparePython, [pythonTool('python'), 'clients/python/generate.py']],
  ['clients/go', prepareGoTools, buf('clients/go/buf.gen.yaml')],
  ['clients/go/internal', prepareGoTools, goTypedTestCommand],
  ['clients/conformance/drivers/go', prepareGoTools, buf('clients/conformance/drivers/go/buf.gen.yaml')],
  ['clients/java', prepareJavaTools, buf('clients/java/buf.gen.yaml')],
  [
    'clients/conformance/drivers/java',
    prepareJavaTools,
    buf('clients/conformance/drivers/java/buf.gen.yaml'),
  ],
  ['clients/rust', prepareRustTools, buf('clients/rust/buf.gen.yaml')],
  [
    'clients/conformance/drivers/rust',
    prepareRustTools,
    buf('clients/conformance/drivers/rust/buf.gen.yaml'),
  ],
];

for (const [name, prepare, [tool, ...args]] of parts) {
  const problem = await prepare();
  if (problem === null) {
    if (!(await run(tool, args)).ok) process.exitCode = 1;
  } else {
    console.error(`${name} is left as it is: ${problem.note}`);
  }
}

/** Makes all generated code anew (`npm run generate`): the broker's, and the clients'. */
import { preparePython, pythonTool } from './checks/python.ts';
import { run } from './step.ts';

const problem = await preparePython();
const commands: (readonly [string, ...string[]])[] = [
  ['buf', 'generate'],
  ['buf', 'generate', '--template', 'clients/typescript/buf.gen.yaml'],
];
if (problem === null) commands.push([pythonTool('python'), 'clients/python/generate.py']);
else console.error(`clients/python is left as it is: ${problem.note}`);
for (const [tool, ...args] of commands) {
  const { ok } = await run(tool, args);
  if (!ok) process.exitCode = 1;
}

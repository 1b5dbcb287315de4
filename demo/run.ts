/**
 * `npm run demo`: five agents, three in TypeScript and two in Python, write release notes together over one broker. It sets up what it needs
 * first: Python's environment, and the debugger's page.
 */
import { pythonTool, preparePython } from '../scripts/checks/python.ts';
import { prepareDebugger } from '../scripts/debugger-build.ts';
import { perform, type SetUp } from './perform.ts';
import { paint } from './runner/colors.ts';
import { readOptions, usage } from './runner/options.ts';

const setUp: SetUp = async ({ isWithoutPython }, print) => {
  const python = isWithoutPython ? undefined : await preparedPython(print);
  await prepareDebugger();
  return python;
};

const options = readOptions(process.argv.slice(2));
if (options === null) console.log(usage);
else {
  // Clients that still try to reach a broker must not keep the process.
  process.exit(await perform(options, setUp));
}

/** Sets up Python where it is, and says so where it is not. */
async function preparedPython(print: (line: string) => void): Promise<string | undefined> {
  print(paint('dim', 'setting up: Python environment in .venv (the first time takes a while)'));
  const obstacle = await preparePython();
  if (obstacle === null) return pythonTool('python');
  print(
    `${paint('yellow', 'Without Python:')} ${obstacle.note}. The three TypeScript agents take over the work of the other two.`,
  );
  return undefined;
}

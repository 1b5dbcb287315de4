/**
 * Runs several command lines one after the other in one process, as if each were `hyperloom ARGS`: on the terminal and in the
 * environment that the process has, so that a test in a real terminal starts Node once. Lines are the JSON of the first argument.
 */
import { registerCommands } from '../../src/cli/register.ts';
import { processSurroundings } from '../../src/cli/surroundings.ts';
import { newProgram } from '../../src/serve-command.ts';

/** Behind the output of each command. */
const mark = '\u0001end\u0001';

// Each of them listens to what becomes of standard output.
process.stdout.setMaxListeners(0);
const lines = JSON.parse(process.argv[2] ?? '[]') as readonly (readonly string[])[];
for (const line of lines) {
  const program = newProgram(process.env, () => Promise.resolve());
  registerCommands(program, processSurroundings(process.env));
  await program.parseAsync([...line], { from: 'user' });
  process.stdout.write(mark);
}

/** `hyperloom demo`: agents at work on a broker of their own. */
import type { Command } from 'commander';

import { portNumber } from './cli/arguments.ts';
import { showExamples } from './cli/reference/examples.ts';

interface DemoOptions {
  readonly exit?: boolean;
  readonly port?: number;
}

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('see agents at work on a broker of their own')
    .description(
      'Starts a broker with data that is removed in the end, and three agents, each a process, that write release notes together. A wrong ' +
        'result is reverted in its ghost and done again, and the broker is killed in the middle and started again. Then tells what moved, and ' +
        'checks what it claims. The broker stays up to look around in, until Ctrl-C. No model is called. In a checkout "npm run demo" has ' +
        'two more agents, in Python.',
    )
    .option('--exit', 'end after the table; exit code 0 only if everything that it claims was checked')
    .option(
      '--port <port>',
      'where the broker listens; 0 is a free one (default: 7400, or a free one if that is taken)',
      portNumber,
    )
    .action(async ({ exit = false, port }: DemoOptions) => {
      const { json = false } = program.opts<{ readonly json?: boolean }>();
      const { perform } = await import('../demo/perform.ts');
      const options = { exit: exit || json, json, port, isWithoutPython: true };
      // Clients that still try to reach a broker must not keep the process.
      process.exit(await perform(options, () => Promise.resolve(undefined)));
    });
  showExamples(command);
}

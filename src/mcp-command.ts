/** `hyperloom mcp`: the bridge for MCP clients that start it as a program of theirs, over standard input and output. */
import type { Command } from 'commander';
import { connect } from '../clients/typescript/src/index.ts';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { showExamples } from './cli/reference/examples.ts';
import { packageVersion } from './version.ts';

interface GlobalOptions {
  readonly address: string;
  readonly forest: string;
  readonly author: string;
}

/** Whoever waits for a model's call should hear of a broker that is away before the model's host gives up. */
const timeoutMs = 15_000;

export function addMcp(program: Command): void {
  const command = program
    .command('mcp')
    .summary('serve MCP clients over standard input and output')
    .description(
      'Bridges an MCP client, such as Claude Desktop, Cursor or VS Code, to the broker. The client starts this by itself. ' +
        'The broker need not run yet: until it does, each call says so.',
    )
    .option('--read-only', 'offer only the tools that change nothing')
    .action(async (options: { readonly readOnly?: boolean }) => {
      const { address, forest, author } = program.opts<GlobalOptions>();
      // The other commands start faster without the bridge.
      const [{ Bridge }, { serveOverStdio }] = await Promise.all([
        import('./mcp/bridge.ts'),
        import('./mcp/stdio.ts'),
      ]);
      const bridge = new Bridge({
        open: (agent) => connect(address, { ...agent, timeoutMs }),
        clock: systemClock,
        random: systemRandom,
        version: packageVersion(),
        forest,
        author,
        isReadOnly: options.readOnly ?? false,
        onError: (error) => process.stderr.write(`hyperloom mcp: ${textOf(error)}\n`),
      });
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      await serveOverStdio(bridge, { input: process.stdin, output: process.stdout }, stop.signal);
      bridge.close();
    });
  showExamples(command);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

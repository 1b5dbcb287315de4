/** `hyperloom mcp`: the bridge for MCP clients that start it as a program of theirs, over standard input and output. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Client, ConnectOptions } from '../clients/typescript/src/index.ts';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { failureOf } from './cli/failure.ts';
import { connectBy } from './cli/profiles/connect-by.ts';
import { profileFileOf, readProfiles } from './cli/profiles/profile-file.ts';
import { givenTo, settle } from './cli/profiles/settle.ts';
import { showExamples } from './cli/reference/examples.ts';
import type { Environment } from './cli/surroundings.ts';
import { allGrants, parseGrants, readingOf, type Grants } from './mcp/grants.ts';
import { mcpTreePage } from './mcp-tree-page.ts';
import { packageVersion } from './version.ts';

/** Whoever waits for a model's call should hear of a broker that is away before the model's host gives up. */
const timeoutMs = 15_000;

interface McpCommandOptions {
  readonly tools: Grants | 'all';
  readonly readOnly?: boolean;
}

export function addMcp(program: Command, environment: Environment): void {
  const command = program
    .command('mcp')
    .summary('serve MCP clients over standard input and output')
    .description(
      'Bridges an MCP client, such as Claude Desktop, Cursor or VS Code, to the broker. The client starts this by itself. ' +
        'The broker need not run yet: until it does, each call says so.',
    )
    .addOption(
      new Option('--tools <list>', 'the tools to offer: all, read-only, or names such as read,list,append')
        .env('HYPERLOOM_MCP_TOOLS')
        .default('all')
        .argParser(grantsOf),
    )
    .option('--read-only', 'of these, offer only those that change nothing')
    .action(async ({ tools, readOnly }: McpCommandOptions) => {
      const given = givenTo(program);
      try {
        const { values } = settle(given, readProfiles(profileFileOf(environment)));
        const open = (more: ConnectOptions): Client => connectBy(values, { ...more, timeoutMs });
        // What cannot be right is told now, rather than by each call.
        open({}).destroy();
        const { forest = 'default', author = '' } = values;
        const granted = tools === 'all' ? allGrants : tools;
        // Whoever shows credentials is known by them.
        const isCallerKnown = [values.tokenFile, values.certFile, environment['HYPERLOOM_TOKEN']].some(
          (shown) => shown !== undefined && shown !== '',
        );
        await bridge({
          open,
          forest,
          author,
          isCallerKnown,
          grants: readOnly === true ? readingOf(granted) : granted,
        });
      } catch (error) {
        const { exitCode, message } = failureOf(error, given.values.address ?? '');
        process.stderr.write(`${message}\n`);
        process.exitCode = exitCode;
      }
    });
  showExamples(command);
}

interface BridgeParts {
  readonly open: (more: ConnectOptions) => Client;
  readonly forest: string;
  readonly author: string;
  readonly isCallerKnown: boolean;
  readonly grants: Grants;
}

async function bridge(parts: BridgeParts): Promise<void> {
  // The other commands start faster without the bridge.
  const [{ Bridge }, { serveOverStdio }] = await Promise.all([
    import('./mcp/bridge.ts'),
    import('./mcp/stdio.ts'),
  ]);
  const made = new Bridge({
    ...parts,
    clock: systemClock,
    random: systemRandom,
    version: packageVersion(),
    treePage: mcpTreePage(),
    onError: (error) => process.stderr.write(`hyperloom mcp: ${textOf(error)}\n`),
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await serveOverStdio(made, { input: process.stdin, output: process.stdout }, stop.signal);
  made.close();
}

function grantsOf(text: string): Grants {
  try {
    return parseGrants(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

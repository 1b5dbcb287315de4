#!/usr/bin/env node
/** The entry: the only reader of arguments and environment. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { ConfigError } from './config-value.ts';
import { makeSettings, parseConfigFile, settingInfos, variableOf } from './config.ts';
import type { ServeProcess } from './serve.ts';
import { packageVersion } from './version.ts';

/** `EX_CONFIG` of sysexits.h. */
const exitConfig = 78;

const surroundings: ServeProcess = {
  stdout: (line) => process.stdout.write(line),
  stderr: (line) => process.stderr.write(line),
  exit: (code) => process.exit(code),
  onSignal(listener) {
    process.on('SIGTERM', () => listener('SIGTERM'));
    process.on('SIGINT', () => listener('SIGINT'));
  },
  onStray(listener) {
    process.on('uncaughtException', listener);
    process.on('unhandledRejection', listener);
  },
  usage() {
    const { user, system } = process.cpuUsage();
    return { residentBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000 };
  },
  busyMs: () => performance.eventLoopUtilization().active,
};

const program = new Command('hyperloom')
  .description('Shared state for fleets of AI agents.')
  .showHelpAfterError();
program.addCommand(serveCommand());
// The broker itself starts faster without the commands and their client.
if (process.argv[2] !== 'serve') await registerOthers(program);
if (isVersionOurs(process.argv.slice(2))) program.version(packageVersion());
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`hyperloom: ${explain(error)}\n`);
  process.exit(error instanceof ConfigError ? exitConfig : 1);
}

/** Behind a command the option is the command's own: `schema pull` has one of that name. */
function isVersionOurs(args: readonly string[]): boolean {
  const names = new Set(program.commands.map((command) => command.name()));
  const at = args.findIndex((argument) => names.has(argument));
  const before = at < 0 ? args : args.slice(0, at);
  return at < 0 || before.includes('--version') || before.includes('-V');
}

function serveCommand(): Command {
  const command = new Command('serve').description('Run a broker.');
  command.option('--config <FILE>', 'file of settings, "name = value" a line');
  for (const { name, value, byDefault, help } of settingInfos) {
    const told = [
      byDefault === '' || value === '' ? '' : `default ${byDefault}; `,
      `or ${variableOf(name)}`,
    ].join('');
    command.option(`--${name}${value === '' ? '' : ` <${value}>`}`, `${help} (${told})`);
  }
  return command.action(async () => {
    const settings = makeSettings(sources(command));
    // The commands start faster without the broker.
    const { serve, isExpectedAtStart } = await import('./serve.ts');
    try {
      await serve(settings, surroundings);
    } catch (error) {
      if (!isExpectedAtStart(error)) throw error;
      process.stderr.write(`hyperloom: ${error.message}\n`);
      process.exit(1);
    }
  });
}

/** Flags, then the environment, then the config file. */
function sources(command: Command): ReadonlyMap<string, string>[] {
  const flags = new Map<string, string>();
  const variables = new Map<string, string>();
  const options = command.opts<Record<string, string | boolean | undefined>>();
  for (const { name } of settingInfos) {
    const option = options[camelCase(name)];
    if (option !== undefined) flags.set(name, String(option));
    const variable = process.env[variableOf(name)];
    if (variable !== undefined) variables.set(name, variable);
  }
  const file = options.config === undefined ? process.env.HYPERLOOM_CONFIG : String(options.config);
  if (file === undefined || file === '') return [flags, variables];
  return [flags, variables, parseConfigFile(readConfig(file), file)];
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`config: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The commands that are clients of a broker. */
async function registerOthers(to: Command): Promise<void> {
  const [{ registerCommands }, { processSurroundings }, { addMcp }] = await Promise.all([
    import('./cli/register.ts'),
    import('./cli/surroundings.ts'),
    import('./mcp-command.ts'),
  ]);
  registerCommands(to, processSurroundings(process.env));
  addMcp(to);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ConfigError ? error.message : (error.stack ?? error.message);
}

#!/usr/bin/env node
/** The entry: the only reader of arguments and environment. */
import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { stayAlive } from './base/clock.ts';
import { exitCodes } from './cli/exit-codes.ts';
import type { BackupReader } from './cli/surroundings.ts';
import { ConfigError } from './config-value.ts';
import type { Settings } from './config.ts';
import { newProgram } from './serve-command.ts';
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

const program = newProgram(process.env, start);
// As all commands end where they are used wrongly.
for (const command of [program, ...program.commands])
  command.exitOverride(({ exitCode }) => process.exit(exitCodes[exitCode === 0 ? 'done' : 'usage'].code));
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

async function start(settings: Settings): Promise<void> {
  // A broker lives until it says otherwise. While it starts and stops nothing else may keep the process alive: what the clock is asked for does not.
  stayAlive();
  // The commands start faster without the broker.
  const { serve, isExpectedAtStart } = await import('./serve.ts');
  try {
    await serve(settings, surroundings);
  } catch (error) {
    if (!isExpectedAtStart(error)) throw error;
    process.stderr.write(`hyperloom: ${error.message}\n`);
    process.exit(1);
  }
}

/** The commands that are clients of a broker. */
async function registerOthers(to: Command): Promise<void> {
  const [
    { registerCommands },
    { processSurroundings },
    { addMcp },
    { addDemo },
    { addToken },
    { addVerify },
    { addForestMove },
  ] = await Promise.all([
    import('./cli/register.ts'),
    import('./cli/surroundings.ts'),
    import('./mcp-command.ts'),
    import('./demo-command.ts'),
    import('./token-command.ts'),
    import('./verify-command.ts'),
    import('./move-command.ts'),
  ]);
  const surroundings = processSurroundings(process.env, backupReader());
  registerCommands(to, surroundings);
  addMcp(to, process.env);
  addDemo(to);
  addToken(to, surroundings);
  addVerify(to, surroundings);
  addForestMove(to, surroundings);
}

function backupReader(): BackupReader {
  const load = () => import('./inspection/backup-at.ts');
  return {
    async *ofFolder(folder, past) {
      yield* (await load()).backupOfFolder(folder, past);
    },
    async *ofFile(file, past) {
      yield* (await load()).backupOfFile(file, past);
    },
    endOf: async (file) => (await load()).endOfBackup(file),
  };
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ConfigError ? error.message : (error.stack ?? error.message);
}

/** Runs commands in this process as if on a terminal of 100 columns without colours. */
import { Writable } from 'node:stream';

import { Command } from 'commander';

import { systemClock } from '../../src/base/clock.ts';
import { backupOfFile, backupOfFolder, endOfBackup } from '../../src/inspection/backup-at.ts';
import { registerCommands } from '../../src/cli/register.ts';
import type { Environment, Interrupt, Surroundings } from '../../src/cli/surroundings.ts';

/** Where nobody keeps profiles. */
export const nowhere = '/nonexistent/config';

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TerminalOptions {
  /** Empty: what the arguments, the environment and profiles say. */
  readonly address: string;
  readonly stdin?: string | Uint8Array;
  readonly hasColors?: boolean;
  readonly isTerminal?: boolean;
  /** Shows progress. */
  readonly isErrorTerminal?: boolean;
  readonly columns?: number;
  /** More variables of the environment; profiles are looked for where there are none. */
  readonly environment?: Environment;
  /** Sees standard output as it grows; may interrupt. */
  readonly onOutput?: (stdout: string, interrupt: () => void) => void;
  /** The same of standard error. */
  readonly onErrorOutput?: (stderr: string, interrupt: () => void) => void;
}

/** Runs `hyperloom ARGS`. */
export async function inTerminal(args: readonly string[], options: TerminalOptions): Promise<Ended> {
  const {
    address,
    stdin = '',
    hasColors = false,
    isTerminal = true,
    columns = 100,
    onOutput,
    onErrorOutput,
  } = options;
  const interrupts = new Set<(signal: Interrupt) => void>();
  const interrupt = (): void => interrupts.forEach((listener) => listener('SIGINT'));
  const stdout = new Collector((text) => onOutput?.(text, interrupt));
  const stderr = new Collector((text) => onErrorOutput?.(text, interrupt));
  let code = 0;
  const surroundings: Surroundings = {
    stdin: asyncBytes(stdin),
    stdout,
    stderr,
    isTerminal,
    isErrorTerminal: options.isErrorTerminal ?? false,
    hasColors,
    columns,
    rows: 40,
    clock: systemClock,
    environment: {
      ...process.env,
      HYPERLOOM_ADDRESS: address,
      XDG_CONFIG_HOME: nowhere,
      ...options.environment,
    },
    backups: { ofFolder: backupOfFolder, ofFile: backupOfFile, endOf: endOfBackup },
    onInterrupt(listener) {
      interrupts.add(listener);
      return () => interrupts.delete(listener);
    },
    setExitCode: (to) => {
      code = to;
    },
    exit: (to) => {
      throw new Exited(to);
    },
  };
  const program = new Command('hyperloom');
  registerCommands(program, surroundings);
  try {
    const words = address === '' ? args : ['--address', address, ...args];
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
    ({ code } = error);
  }
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Exited extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exited with ${code}`);
    this.code = code;
  }
}

class Collector extends Writable {
  text = '';
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void = () => undefined) {
    super();
    this.#onText = onText;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.#onText(this.text);
    done();
  }
}

async function* asyncBytes(text: string | Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  if (text.length > 0) yield Buffer.from(text);
}

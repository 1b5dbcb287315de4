/** What every command works with, and how it ends. */
import type { Command } from 'commander';

import { connect, type Client, type ConnectOptions, type Ghost } from '../../clients/typescript/src/index.ts';
import { failureOf, UsageError } from './failure.ts';
import { Output } from './output/output.ts';
import type { Interrupt, Surroundings } from './surroundings.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly address: string;
  readonly forest: string;
  readonly author: string;
  readonly json?: boolean;
}

/** One run of one command. */
export interface Context {
  /** Fails at once where no broker answers. Closed when the command is over. */
  readonly client: Client;
  readonly output: Output;
  readonly surroundings: Surroundings;
  readonly address: string;
  /** Whether `--json` was given, rather than a pipe meant it. */
  readonly isJsonAsked: boolean;
  /** The client, or the ghost where `--ghost` names one. */
  readonly view: (ghostId: string | undefined) => Promise<Client | Ghost>;
  /** A client that outlives a lost connection, for commands that run long. Throws where no broker answers now. */
  readonly openSteadyClient: () => Promise<Client>;
  /** Aborts on Ctrl-C, SIGTERM, and when the reader of the output has gone away. The listener hears which signal it was. */
  readonly interruption: (listener?: (signal: Interrupt) => void) => AbortSignal;
}

/** Runs a command's work, tells of its failure, and sets the exit code. */
export type Run = (work: (context: Context) => Promise<void>) => Promise<void>;

/** Adds one command to the program. */
export type AddCommand = (program: Command, run: Run) => void;

/** Makes the runner of all commands. */
export function runner(program: Command, surroundings: Surroundings): Run {
  return async (work) => {
    const options = program.opts<GlobalOptions>();
    const { isTerminal, stdout, stderr, hasColors, columns } = surroundings;
    const isJson = options.json ?? !isTerminal;
    const output = new Output({ stdout, json: isJson, hasColors, columns });
    const cleanups: (() => void)[] = [];
    try {
      await work(openContext(options, output, surroundings, cleanups));
    } catch (error) {
      const { exitCode, message } = failureOf(error, options.address);
      if (message !== '') stderr.write(`${message}\n`);
      surroundings.setExitCode(exitCode);
    } finally {
      for (const cleanup of cleanups.reverse()) cleanup();
    }
  };
}

function openContext(
  options: GlobalOptions,
  output: Output,
  surroundings: Surroundings,
  cleanups: (() => void)[],
): Context {
  const { address, author, forest } = options;
  const open = (more: ConnectOptions): Client => {
    const client = connectOrExplain(address, { author, forest, ...more });
    cleanups.push(() => client.destroy());
    return client;
  };
  // What a person reads between two commands is nobody's basis.
  const client = open({ retry: false, trackBasis: false });
  return {
    client,
    output,
    surroundings,
    address,
    isJsonAsked: options.json ?? false,
    view: (ghostId) => (ghostId === undefined ? Promise.resolve(client) : client.attach(ghostId)),
    async openSteadyClient() {
      await client.status();
      let isTold = false;
      return open({
        trackBasis: false,
        onDiagnostic({ kind }) {
          if (isTold || kind === 'keep_alive_failed') return;
          isTold = true;
          surroundings.stderr.write('the connection to the broker was lost; trying again until it is back\n');
        },
      });
    },
    interruption(listener) {
      const interrupted = new AbortController();
      const interrupt = (signal: Interrupt): void => {
        interrupted.abort();
        listener?.(signal);
      };
      cleanups.push(surroundings.onInterrupt(interrupt));
      return AbortSignal.any([interrupted.signal, output.closed]);
    },
  };
}

function connectOrExplain(address: string, options: ConnectOptions): Client {
  try {
    return connect(address, options);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

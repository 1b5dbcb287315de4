/** What every command works with, and how it ends. */
import type { Command } from 'commander';

import type { Client, ConnectOptions, Ghost } from '../../clients/typescript/src/index.ts';
import { stayAlive } from '../base/clock.ts';
import { connectBy } from './profiles/connect-by.ts';
import { failureOf } from './failure.ts';
import { outputFor } from './output/output-for.ts';
import type { Output } from './output/output.ts';
import { Progress, type ProgressOptions } from './output/progress.ts';
import { profileFileOf, readProfiles, writeProfiles } from './profiles/profile-file.ts';
import type { Profiles } from './profiles/profile.ts';
import { givenTo, settle, type Given, type Settled } from './profiles/settle.ts';
import type { Interrupt, Surroundings } from './surroundings.ts';

/** Options that every command takes, but for those of the connection. */
interface GlobalOptions {
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
  /** What was given for the options of the connection, and what is in force. */
  readonly given: Given;
  readonly settled: Settled;
  readonly profiles: { read(): Profiles; write(profiles: Profiles): void };
  /** The client, or the ghost where `--ghost` names one. */
  readonly view: (ghostId: string | undefined) => Promise<Client | Ghost>;
  /** A client that outlives a lost connection, for commands that run long. Throws where no broker answers now. */
  readonly openSteadyClient: () => Promise<Client>;
  /** Another client of its own, for commands that measure. */
  readonly openClient: (options?: ConnectOptions) => Client;
  /** Shows how far long work has come. Taken away when the command is over. */
  readonly progress: (options: ProgressOptions) => Progress;
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
    const { json } = program.opts<GlobalOptions>();
    const { stderr, environment } = surroundings;
    const output = outputFor(program, surroundings);
    const cleanups: (() => void)[] = [];
    const given = givenTo(program);
    const connection = new Connection(given, profileFileOf(environment), cleanups);
    const alive = stayAlive();
    try {
      await work(
        openContext(connection, { output, given, isJsonAsked: json === true, surroundings }, cleanups),
      );
      await output.finish();
    } catch (error) {
      const { exitCode, message } = failureOf(error, connection.address);
      // A line of progress that is still there would run into it.
      runCleanups(cleanups);
      if (message !== '') stderr.write(`${message}\n`);
      surroundings.setExitCode(exitCode);
    } finally {
      runCleanups(cleanups);
      alive.cancel();
    }
  };
}

/** The newest first, each once. */
function runCleanups(cleanups: (() => void)[]): void {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) cleanup();
}

/** Opens clients; looks into the profiles only when somebody needs one, so that commands can repair them. */
class Connection {
  readonly #given: Given;
  readonly #file: string;
  readonly #cleanups: (() => void)[];
  #settled: Settled | undefined;
  #client: Client | undefined;

  constructor(given: Given, profileFile: string, cleanups: (() => void)[]) {
    this.#given = given;
    this.#file = profileFile;
    this.#cleanups = cleanups;
  }

  get settled(): Settled {
    this.#settled ??= settle(this.#given, this.readProfiles());
    return this.#settled;
  }

  /** Where the broker is, or what was said of that where profiles cannot be read. */
  get address(): string {
    return (this.#settled ?? this.#given).values.address ?? '';
  }

  get client(): Client {
    // What a person reads between two commands is nobody's basis.
    this.#client ??= this.open({ retry: false, trackBasis: false });
    return this.#client;
  }

  open(more: ConnectOptions): Client {
    const client = connectBy(this.settled.values, more);
    this.#cleanups.push(() => client.destroy());
    return client;
  }

  readProfiles(): Profiles {
    return readProfiles(this.#file);
  }

  writeProfiles(profiles: Profiles): void {
    writeProfiles(this.#file, profiles);
  }
}

function openContext(
  connection: Connection,
  parts: Pick<Context, 'output' | 'given' | 'isJsonAsked' | 'surroundings'>,
  cleanups: (() => void)[],
): Context {
  const { output, surroundings } = parts;
  return {
    ...parts,
    get client() {
      return connection.client;
    },
    get address() {
      return connection.settled.values.address ?? '';
    },
    get settled() {
      return connection.settled;
    },
    profiles: {
      read: () => connection.readProfiles(),
      write: (profiles) => connection.writeProfiles(profiles),
    },
    view: async (ghostId) => (ghostId === undefined ? connection.client : connection.client.attach(ghostId)),
    openClient: (options = {}) => connection.open({ trackBasis: false, ...options }),
    async openSteadyClient() {
      await connection.client.status();
      let isTold = false;
      return connection.open({
        trackBasis: false,
        onDiagnostic({ kind }) {
          if (isTold || kind === 'keep_alive_failed') return;
          isTold = true;
          surroundings.stderr.write('the connection to the broker was lost; trying again until it is back\n');
        },
      });
    },
    progress(options) {
      const progress = new Progress(surroundings, options);
      cleanups.push(() => progress.end());
      return progress;
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

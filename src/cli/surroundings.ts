/** What the commands have of the outside world. Injected, so that tests can hand in their own. */
import type { Writable } from 'node:stream';

import { systemClock, type Clock } from '../base/clock.ts';
import { UsageError } from './failure.ts';

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What asks a command to end. */
export type Interrupt = 'SIGINT' | 'SIGTERM';

/** What can be asked of a past: a revision, or a time in milliseconds since 1970; the newest state where neither is said. */
export interface PastOfFile {
  readonly revision?: number | undefined;
  readonly timeMs?: number | undefined;
}

/** The same of a forest in a data folder. */
export interface PastOfFolder extends PastOfFile {
  readonly forest: string;
}

/** How far the file of a backup goes. */
export interface EndOfBackup {
  /** Of its last entry. */
  readonly position: number;
  readonly timeMs: number;
  /** What is behind them was not finished. */
  readonly bytes: number;
  /** Of the state that it begins with. */
  readonly baseRevision: number;
  /** Of its newest state; that of the entry that is to follow where a state was written for it. */
  readonly statePosition: number;
}

/** Reads data folders of brokers that are stopped, and files of backups. Throws a `UsageError` where what is asked for cannot be had. */
export interface BackupReader {
  ofFolder(folder: string, past: PastOfFolder): AsyncIterable<Uint8Array>;
  ofFile(file: string, past: PastOfFile): AsyncIterable<Uint8Array>;
  endOf(file: string): Promise<EndOfBackup>;
}

export interface Surroundings {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Standard output is a terminal: tables for people instead of JSON lines. */
  readonly isTerminal: boolean;
  /** Standard error is one: progress is shown. */
  readonly isErrorTerminal: boolean;
  /** Standard output is a terminal with colours, whatever the environment wants of them. */
  readonly hasColors: boolean;
  /** Size of the terminal in characters, as it is now. */
  readonly columns: number;
  readonly rows: number;
  readonly clock: Clock;
  /** What commands that this one starts find in their environment, beside what it adds. */
  readonly environment: Environment;
  /** What the commands themselves know nothing of. */
  readonly backups: BackupReader;
  /** Calls `listener` once on Ctrl-C or SIGTERM instead of ending at once; a second one ends. Returns how to stop listening. */
  onInterrupt(listener: (signal: Interrupt) => void): () => void;
  /** The code to end with once nothing is left to do. */
  setExitCode(code: number): void;
  /** Ends at once. */
  exit(code: number): never;
}

/** Where there is no terminal, or one that does not tell. */
const columnsDefault = 100;
const rowsDefault = 40;

/** What is said there is weighed elsewhere, against --color. */
const colorVariablesUnset = { NO_COLOR: undefined, FORCE_COLOR: undefined, NODE_DISABLE_COLORS: undefined };

/** The process that this runs in. */
export function processSurroundings(
  environment: Environment,
  backups: BackupReader = noBackups,
): Surroundings {
  const { stdout, stderr } = process;
  const isTerminal = stdout.isTTY;
  return {
    // Asked for only when read: opening standard input would keep the process waiting for it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    isTerminal,
    isErrorTerminal: stderr.isTTY,
    hasColors: isTerminal && stdout.hasColors({ ...environment, ...colorVariablesUnset }),
    get columns() {
      return (isTerminal ? stdout.columns : stderr.columns) || columnsDefault;
    },
    get rows() {
      return (isTerminal && stdout.rows) || rowsDefault;
    },
    clock: systemClock,
    environment,
    backups,
    onInterrupt(listener) {
      const once = (signal: NodeJS.Signals): void => {
        stop();
        listener(signal === 'SIGINT' ? signal : 'SIGTERM');
      };
      const stop = (): void => {
        process.off('SIGINT', once);
        process.off('SIGTERM', once);
      };
      process.on('SIGINT', once);
      process.on('SIGTERM', once);
      return stop;
    },
    setExitCode(code) {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
  };
}

/** For those who work with brokers only. */
const noBackups: BackupReader = { ofFolder: notHere, ofFile: notHere, endOf: notHere };

function notHere(path: string): never {
  throw new UsageError(`${path} is not looked into here`);
}

/** Runs a command as a child of this one, with the same terminal, pipes and environment. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { UsageError } from './failure.ts';
import type { Environment } from './surroundings.ts';

/** How a command is started, and what ends it. */
export interface ChildOptions {
  readonly environment: Environment;
  /** Aborting it ends the command: SIGTERM, and SIGKILL for one that does not obey. */
  readonly ended: AbortSignal;
  /** Gets a function that passes a signal on to the command. */
  readonly onStarted: (pass: (signal: NodeJS.Signals) => void) => void;
}

/** What a command has to clean up after it was told to end. */
const obedienceMsMax = 5_000;

/** Resolves with its exit code; 128 and the number of a signal that ended it. Throws where there is no such command. */
export async function runChild(
  command: string,
  args: readonly string[],
  { environment, ended, onStarted }: ChildOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: 'inherit' });
    const end = (): void => {
      child.kill('SIGTERM');
      const force = AbortSignal.timeout(obedienceMsMax);
      force.addEventListener('abort', () => child.kill('SIGKILL'));
    };
    const finish = (): void => ended.removeEventListener('abort', end);
    child.on('error', (error) => {
      finish();
      reject(new UsageError(`the command ${command} cannot be run: ${error.message}`));
    });
    child.on('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
    child.on('spawn', () => onStarted((signal) => child.kill(signal)));
    if (ended.aborted) end();
    else ended.addEventListener('abort', end);
  });
}

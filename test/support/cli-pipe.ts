/** Runs commands as processes of their own, their output in pipes. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { nowhere, type Ended } from './cli-terminal.ts';

const launcher = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));

/** A command that is running. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the output has `text`. Rejects where the command ends before. */
  outputHas(text: string): Promise<void>;
  /** Resolves when it is over. */
  readonly ended: Promise<Ended>;
}

/** Starts `hyperloom ARGS` with the broker's address in its environment. */
export function start(args: readonly string[], address: string, stdin?: string | Uint8Array): Running {
  const env = { ...process.env, HYPERLOOM_ADDRESS: address, XDG_CONFIG_HOME: nowhere };
  const child = spawn(process.execPath, [launcher, ...args], { env, stdio: 'pipe' });
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // A command that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => undefined);
  if (stdin === undefined) child.stdin.end();
  else child.stdin.end(stdin);
  const text = (): string => Buffer.concat(chunks).toString();
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), stdout: text(), stderr }));
  return {
    child,
    ended,
    outputHas: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text().includes(wanted)) resolve();
        };
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`it ended without "${wanted}": ${text()} ${stderr}`)));
        look();
      }),
  };
}

/** Runs `hyperloom ARGS` to its end. */
export function inPipe(
  args: readonly string[],
  address: string,
  stdin?: string | Uint8Array,
): Promise<Ended> {
  return start(args, address, stdin).ended;
}

/** The JSON lines of an output. */
export function records({ stdout }: Ended): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

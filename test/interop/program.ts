/** Programs that tests run: to their end, or for as long as a test needs them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { findTool } from '../../bench/harness/tools.ts';

/** How a program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly output: Buffer;
  readonly errors: string;
}

/** Runs a program to its end, with `input` on its standard input. */
export async function runProgram(name: string, args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(findTool(name) ?? name, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: Buffer.concat(output), errors: Buffer.concat(errors).toString() };
}

/** A program that serves until it is stopped. */
export class Daemon {
  readonly #child: ChildProcess;
  #errors = '';

  constructor(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment };
    this.#child = spawn(findTool(name) ?? name, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  /** Waits until it serves, which `isUp` finds out. Rejects with its last words where it ends before. */
  async ready(isUp: () => Promise<boolean>): Promise<void> {
    for (let serves = false; !serves; serves = await isUp())
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#errors}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Whether something listens on a port of loopback. */
export function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((listens) => {
    socket.destroy();
    return listens === true;
  });
}

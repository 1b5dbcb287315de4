/**
 * A program that reads at a broker whose NATS stands still. It tells a line each time, of ages in milliseconds by what was read, `null` where an answer says nothing
 * of it:
 *
 *   what a linearizable read says … (told that NATS stands still:) what all other kinds of reads say, once they are old
 *     … (told that it is back:) a bookmark that is not old any more
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { toolEnvironment } from '../../../scripts/step.ts';

/** Older than a broker that reaches NATS lets its view become. */
export const oldMs = 1_500;

export type Ages = Readonly<Record<string, number | null>>;

export class Program implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  constructor([command, ...args]: readonly [string, ...string[]], address: string) {
    const environment = { ...toolEnvironment(), HYPERLOOM_ADDRESS: address, PYTHONDONTWRITEBYTECODE: '1' };
    this.#child = spawn(command, args, { env: environment });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString()));
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** What it tells next. */
  async next(): Promise<Ages> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`it ended: ${this.#complaint}`);
    return JSON.parse(value) as Ages;
  }

  /** Lets it go on; resolves with what it tells then. */
  goOn(): Promise<Ages> {
    this.#child.stdin.write('\n');
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** An agent as a process of its own: told a line, it answers with a line. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { toolEnvironment } from '../../../scripts/step.ts';
import type { Lines, Refused } from './lines.ts';

export class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #complaint = '';

  constructor(
    [program, ...args]: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
  ) {
    this.#child = spawn(program, args, { env: { ...toolEnvironment(), ...environment } });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString()));
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** Tells it a line; resolves with its answer. */
  async tell<Do extends keyof Lines>(line: Do, told: Lines[Do]['told']): Promise<Lines[Do]['answer']> {
    this.#child.stdin.write(`${JSON.stringify({ do: line, ...told })}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`the agent ended: ${this.#complaint}`);
    return JSON.parse(value) as Lines[Do]['answer'];
  }

  /** The same where the broker is to refuse it. */
  async refused(line: 'put' | 'stage', told: Lines['put']['told']): Promise<Refused> {
    return (await this.tell(line, told)) as unknown as Refused;
  }

  /** Ends it as its user would: with the end of its input. Returns its exit code. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
    if (this.#child.exitCode !== 0) throw new Error(`the agent ended badly: ${this.#complaint}`);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

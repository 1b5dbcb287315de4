/** The workers: processes on the shipped SDKs, one in each language, replaced when they are killed. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { sleep } from './broker.ts';
import { forests as allForests, nowNs } from './record.ts';
import type { Security } from './security.ts';

export type Language = 'typescript' | 'python' | 'go';

/** A process and when it could do nothing. */
interface Worker {
  readonly name: string;
  readonly language: Language;
  readonly child: ChildProcess;
  /** What it said, line by line. */
  readonly said: string[];
}

export interface FleetOptions {
  readonly address: string;
  readonly security: Security;
  /** Where histories go. */
  readonly folder: string;
  /** The Python that has the SDK, and the worker in Go. Without any of them there are two in TypeScript. */
  readonly python: string | undefined;
  readonly goWorker: string | undefined;
  readonly seed: number;
  /** Where they work, of all forests. Default: in all. */
  readonly forests?: readonly string[];
}

const scripts = {
  typescript: fileURLToPath(new URL('workers/worker.ts', import.meta.url)),
  python: fileURLToPath(new URL('workers/worker.py', import.meta.url)),
} as const;

/** The beginnings of workers' names. */
const prefixes: Readonly<Record<Language, string>> = { typescript: 'ts', python: 'py', go: 'go' };

/** Python's start alone takes ten seconds on a machine that does everything at once. Only who hangs takes longer than this. */
const startMsMax = 600_000;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #workers: Worker[] = [];
  readonly files: string[] = [];
  /** When workers were killed, by the beginning of the names of their agents. */
  readonly killedNs = new Map<string, number>();
  /** What should not have happened to them. */
  readonly bugs: string[] = [];
  #count = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { python, goWorker } = this.#options;
    const others: Language[] = [];
    if (python !== undefined) others.push('python');
    if (goWorker !== undefined) others.push('go');
    const languages: Language[] = ['typescript', ...(others.length === 0 ? ['typescript' as const] : others)];
    await Promise.all(languages.map((language) => this.#add(language)));
  }

  /** Stops one for a while. */
  async pause(which: number, ms: number): Promise<void> {
    const worker = this.#workers[which % this.#workers.length];
    if (worker === undefined) return;
    worker.child.kill('SIGSTOP');
    await sleep(ms);
    worker.child.kill('SIGCONT');
  }

  /** Kills one; another takes its place. */
  async replace(which: number): Promise<void> {
    const [worker] = this.#workers.splice(which % this.#workers.length, 1);
    if (worker === undefined) return;
    worker.child.kill('SIGKILL');
    await once(worker.child, 'exit');
    this.killedNs.set(worker.name, nowNs());
    await this.#add(worker.language);
  }

  /** No new work; resolves when all that was begun has ended. Their subscribers go on. */
  async quiet(msMax: number): Promise<void> {
    for (const { child } of this.#workers) child.stdin?.write('quiet\n');
    await this.#until(msMax, 'was not quiet', ({ said }) => said.includes('quiet'));
  }

  /** Resolves when all subscribers have seen the end, and all processes are over. */
  async end(msMax: number): Promise<void> {
    await this.#until(msMax, 'has not seen the end', ({ child }) => child.exitCode !== null);
    for (const { name, child } of this.#workers)
      if (child.exitCode !== 0 && child.exitCode !== null)
        this.bugs.push(`worker ${name} ended with ${child.exitCode}`);
  }

  kill(): void {
    for (const { child } of this.#workers) child.kill('SIGKILL');
  }

  async #add(language: Language): Promise<void> {
    const { address, security, folder, seed, forests = allForests } = this.#options;
    this.#count += 1;
    const name = `${prefixes[language]}${this.#count}`;
    const file = join(folder, `${name}.jsonl`);
    const [program, ...args] = this.#command(language);
    const own = [address, name, String(seed * 1_000 + this.#count), file, security.authorityFile];
    const child = spawn(program, [...args, ...own], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, CONSISTENCY_FORESTS: forests.join() },
    });
    child.stdin.on('error', () => undefined);
    const worker: Worker = { name, language, child, said: [] };
    createInterface(child.stdout).on('line', (line) => worker.said.push(line));
    this.#workers.push(worker);
    await this.#until(startMsMax, 'did not start', ({ said }) => said.length > 0);
    this.files.push(file);
  }

  #command(language: Language): readonly [string, ...string[]] {
    const { python = 'python3', goWorker = 'consistency-worker' } = this.#options;
    switch (language) {
      case 'typescript':
        return [process.execPath, scripts.typescript];
      case 'python':
        return [python, scripts.python];
      case 'go':
        return [goWorker];
      default:
        throw new TypeError(`no such language: ${String(language)}`);
    }
  }

  async #until(msMax: number, complaint: string, isDone: (worker: Worker) => boolean): Promise<void> {
    const endNs = nowNs() + msMax * 1e6;
    for (;;) {
      const late = this.#workers.filter((worker) => !isDone(worker));
      if (late.length === 0) return;
      if (nowNs() > endNs) {
        this.bugs.push(...late.map(({ name }) => `worker ${name} ${complaint} within ${msMax} ms`));
        return;
      }
      await sleep(20);
    }
  }
}

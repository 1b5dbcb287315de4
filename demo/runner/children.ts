/**
 * The processes of the demo. Each is in a group of its own, so that Ctrl-C reaches the runner alone, which ends them in order; if the
 * runner dies without a chance to, `guard.ts` does. Only processes started here are ever ended, by their ids.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './programs.ts';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Lines of its standard output. */
  onLine(listener: (line: string) => void): void;
  kill(signal: NodeJS.Signals): void;
  /** The last of what it wrote to standard error. */
  complaint(): string;
}

const complaintCharactersMax = 4_000;

export class Children {
  readonly #guard: ChildProcess;
  readonly #living = new Set<Child>();
  readonly #folders: string[] = [];
  #isOver = false;

  constructor() {
    this.#guard = spawn(process.execPath, [program('guard')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#guard.stdin?.on('error', () => undefined);
    this.#guard.unref();
  }

  /** Starts a process. `HYPERLOOM_` variables of the caller's environment do not reach it. */
  async start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Child> {
    if (this.#isOver) throw new Error('the demo is ending');
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HYPERLOOM_'));
    const started = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...environment },
    });
    let complaint = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-complaintCharactersMax);
    });
    const ended = new Promise<Ended>((resolve) => {
      started.on('close', (code, signal) => resolve({ code, signal }));
    });
    const { pid } = await new Promise<ChildProcess>((resolve, reject) => {
      started.once('spawn', () => resolve(started)).once('error', reject);
    });
    if (pid === undefined) throw new Error(`${command} did not start`);
    const lines = new Lines();
    started.stdout.setEncoding('utf8').on('data', (text: string) => lines.take(text));
    const child: Child = {
      pid,
      ended,
      onLine: (listener) => lines.onLine(listener),
      kill: (signal) => void started.kill(signal),
      complaint: () => complaint.trim(),
    };
    this.#living.add(child);
    this.#tellGuard(`+${pid}`);
    void ended.then(() => {
      this.#living.delete(child);
      this.#tellGuard(`-${pid}`);
    });
    return child;
  }

  /** A fresh folder for them, removed when all have ended. */
  makeFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'hyperloom-demo-'));
    this.#folders.push(folder);
    this.#tellGuard(folder);
    return folder;
  }

  /** Ends what still runs, politely first and without asking after `politeMsMax`, and removes the folders. */
  async endAll(politeMsMax = 5_000): Promise<void> {
    this.#isOver = true;
    for (const child of this.#living) child.kill('SIGTERM');
    const impatience = setTimeout(() => this.killAll(), politeMsMax);
    await Promise.all([...this.#living].map(({ ended }) => ended));
    clearTimeout(impatience);
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    this.#guard.stdin?.end();
  }

  /** Ends what still runs, at once. */
  killAll(): void {
    for (const child of this.#living) child.kill('SIGKILL');
  }

  #tellGuard(line: string): void {
    this.#guard.stdin?.write(`${line}\n`);
  }
}

/** Text that comes in pieces, as lines. Those that came before there was a listener are kept for it. */
class Lines {
  #rest = '';
  #kept: string[] = [];
  #listener: ((line: string) => void) | undefined;

  onLine(listener: (line: string) => void): void {
    this.#listener = listener;
    for (const line of this.#kept.splice(0)) listener(line);
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#listener === undefined) this.#kept.push(line);
      else this.#listener(line);
    }
  }
}

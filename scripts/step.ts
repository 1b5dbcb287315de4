/** A step of the test command: what it is, how it ended, and how the commands that it consists of are run. */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { endGroup, endWithUs } from './process-group.ts';
import { noteOutput } from './transcript.ts';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** How many tests or checks passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How a step ended. `note` says in a few words what the reader of the table should know. */
export interface StepResult extends Counts {
  readonly note: string;
}

/** One step. A check counts as one; a runner of tests counts its tests. */
export interface Step {
  readonly name: string;
  /** Begins what mostly waits, before the first step, so that `run` need not wait as long. */
  begin?(): void;
  run(): Promise<StepResult>;
}

/** The result of a check that holds. */
export const passed: StepResult = { passed: 1, failed: 0, skipped: 0, note: '' };

/** The result of a check that does not hold, and why. */
export function failed(note: string): StepResult {
  return { passed: 0, failed: 1, skipped: 0, note };
}

/** A part which cannot run on this machine. On CI that is a failure: nobody would notice that it stopped running. */
export function unavailable(why: string): StepResult {
  const isCi = process.env['CI'] === 'true';
  return isCi ? failed(`${why} (CI must have it)`) : { passed: 0, failed: 0, skipped: 1, note: why };
}

/** What a command printed, and how it ended. */
export interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

/** The environment for commands: the tools of `node_modules` first, Node 24 among them. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const tools = join(root, 'node_modules', '.bin');
  return { ...process.env, PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** How long a command may take before it counts as hung. All but the tests in TypeScript take less than five minutes. */
const minutesMax = 15;
/** How long a command's output may stay open after its end: something that it left behind may hold it for ever. */
const outputMsMax = 3_000;

/**
 * Runs a command in the checkout and shows all that it prints. A command that cannot be started, or does not end in
 * time, counts as failed. What it leaves behind is ended with it: it has a process group of its own.
 */
export function run(
  command: string,
  args: readonly string[],
  quiet = false,
  minutes = minutesMax,
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const parts: Buffer[] = [];
  const take =
    (target: NodeJS.WriteStream) =>
    (chunk: Buffer): void => {
      parts.push(chunk);
      if (quiet) return;
      target.write(chunk);
      noteOutput(chunk.toString('utf8'));
    };
  child.stdout.on('data', take(process.stdout));
  child.stderr.on('data', take(process.stderr));
  const say = (what: string): void =>
    take(process.stderr)(Buffer.from(`${command} ${args[0] ?? ''} ${what}\n`));
  return new Promise((resolve) => {
    const release = endWithUs(child);
    const hung = setTimeout(() => {
      say(`did not end within ${minutes} minutes`);
      endGroup(child);
    }, minutes * 60_000);
    child.on('error', (error) => {
      clearTimeout(hung);
      release();
      resolve({ ok: false, output: error.message });
    });
    child.on('exit', () => {
      clearTimeout(hung);
      const held = setTimeout(() => {
        say('left something behind that held its output');
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputMsMax);
      child.on('close', () => clearTimeout(held));
    });
    child.on('close', (code) => {
      endGroup(child);
      release();
      resolve({ ok: code === 0, output: Buffer.concat(parts).toString('utf8') });
    });
  });
}

/** Prints what a step found, say the output of a command that was run quietly, and keeps it for the end of the log. */
export function show(output: string): void {
  console.log(output);
  noteOutput(`${output}\n`);
}

/** A check that is one command. */
export function commandStep(name: string, command: string, args: readonly string[], hint: string): Step {
  return {
    name,
    async run() {
      const { ok } = await run(command, args);
      return ok ? passed : failed(hint);
    },
  };
}

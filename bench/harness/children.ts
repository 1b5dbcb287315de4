/** Processes that a bench starts: until they are ready, what CPU and memory they take, until they are gone. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { root } from '../../scripts/step.ts';

/** A process that is up. */
export interface Child {
  readonly pid: number;
  /** What matched when it became ready. */
  readonly ready: RegExpExecArray;
  /** CPU time so far, user and system, in microseconds. Linux counts it in ticks of 10 ms: measure seconds. */
  cpuUs(): number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  /** Ends it with `signal` (default SIGTERM) and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const tickUs = 10_000;
const readyMsMax = 60_000;
const goneMsMax = 20_000;

/** Starts a process and waits until its output matches `ready`, for `readyMs` at the most. */
export async function startChild(
  command: string,
  args: readonly string[],
  ready: RegExp,
  readyMs = readyMsMax,
): Promise<Child> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const matched = await untilReady(child, ready, command, readyMs);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} has no process id`);
  return {
    pid,
    ready: matched,
    cpuUs: () => cpuTimeUs(pid),
    residentBytes: () => residentBytes(pid),
    end: (signal = 'SIGTERM') => end(child, signal),
  };
}

function untilReady(
  child: ChildProcess,
  ready: RegExp,
  command: string,
  readyMs: number,
): Promise<RegExpExecArray> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${why}:\n${output.slice(-2_000)}`));
    };
    const timer = setTimeout(() => fail('was not ready in time'), readyMs);
    const take = (chunk: Buffer): void => {
      if (output.length > 1_000_000) return;
      output += chunk.toString('utf8');
      const match = ready.exec(output);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal ?? 'nothing'} before it was ready`);
    });
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), goneMsMax);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}

function cpuTimeUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

function residentBytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1_024;
}

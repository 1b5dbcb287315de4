/** The processes that make the load: each prints its samples as lines, and ends when its input does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { root } from '../../scripts/step.ts';
import { endWithUs } from './own-session.ts';
import type { LoadResult, LoadSample } from './sample.ts';

/** A load generator that is at work. */
export interface Load {
  readonly name: string;
  readonly pid: number;
  /** Its samples since this was asked for last. */
  take(): readonly LoadSample[];
  /** Lets it come to its end. */
  stop(): Promise<LoadResult>;
}

const stopMsMax = 120_000;

export function startLoad(name: string, command: string, args: readonly string[], cwd = root): Load {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  endWithUs(child);
  let samples: LoadSample[] = [];
  let result: LoadResult | undefined;
  createInterface(child.stdout).on('line', (line) => {
    const said = JSON.parse(line) as LoadSample | LoadResult;
    if ('totals' in said) result = said;
    else samples.push(said);
  });
  const closed = once(child, 'close');
  child.on('exit', (code) => {
    if (code !== 0) samples.push(endedBadly(name, code));
  });
  return {
    name,
    pid: child.pid ?? 0,
    take() {
      const taken = samples;
      samples = [];
      return taken;
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      await closed;
      clearTimeout(timer);
      return result ?? { totals: {} };
    },
  };
}

function endedBadly(name: string, code: number | null): LoadSample {
  const lag = { p50Ms: 0, p99Ms: 0, revisions: 0, events: 0 };
  const failures = [`the load "${name}" ended with ${code ?? 'a signal'}`];
  return { kinds: {}, lag, failures, failuresTotal: 1, heldBack: 0 };
}

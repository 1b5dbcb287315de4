/** Subjects in processes of their own that measure when they are asked: a line in, a line of JSON with the metrics out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { Metrics, Running } from './case.ts';

/** How such a process is started. */
export interface AskedProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
}

/** Starts one, and resolves when it has printed `ready`. It ends with its input. */
export async function startAsked({ command, args, folder }: AskedProcess): Promise<Running> {
  const child = spawn(command, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${command} ${args.join(' ')} ended before it answered`);
    return line.value;
  };
  const ready = await next();
  if (ready !== 'ready') throw new Error(`${command} ${args.join(' ')} said ${ready}`);
  return {
    async measure() {
      child.stdin.write('measure\n');
      return JSON.parse(await next()) as Metrics;
    },
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}

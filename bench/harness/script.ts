/** Load generators of our own, each a process of its own that prints its metrics as one line of JSON. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../scripts/step.ts';
import type { Metrics } from './case.ts';

const execute = promisify(execFile);

/** Runs `bench/load/NAME.ts` to its end. */
export async function runLoad(name: string, ...args: readonly (string | number)[]): Promise<Metrics> {
  const script = join(root, 'bench', 'load', `${name}.ts`);
  const { stdout } = await execute(process.execPath, [script, ...args.map(String)]);
  return JSON.parse(stdout) as Metrics;
}

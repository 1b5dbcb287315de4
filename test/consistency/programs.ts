/** What is written in Go here and must be built before a run: the checker around Porcupine, and the worker on the Go SDK. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from '../../bench/harness/tools.ts';
import { run } from '../../scripts/step.ts';

/** Where the checker lies, or `undefined` where it cannot be built. */
export function buildChecker(go: string): Promise<string | undefined> {
  return build(go, 'checker', 'consistency-checker');
}

/** Where the worker lies, or `undefined` where it cannot be built. */
export function buildWorker(go: string): Promise<string | undefined> {
  return build(go, join('workers', 'go'), 'consistency-worker');
}

async function build(go: string, module: string, name: string): Promise<string | undefined> {
  const folder = join(cacheFolder(), 'bin');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, name);
  const source = fileURLToPath(new URL(module, import.meta.url));
  const { ok, output } = await run(go, ['build', '-C', source, '-o', program, '.'], true);
  if (!ok) console.error(output);
  return ok && existsSync(program) ? program : undefined;
}

/** The build of the debugger's page: what Vite is told. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

import { fingerprint } from './checks/fingerprint.ts';
import { root } from './step.ts';

const folder = join(root, 'clients', 'debugger');
/** Where a checkout's broker looks for it. */
export const debuggerDist = join(folder, 'dist');
const stamp = join(root, '.cache', 'debugger-build');
/** What the page is made of. */
const sources = ['clients/debugger/src', 'clients/debugger/page', 'clients/typescript/src'];

/** Builds it into `out`. */
export async function buildDebugger(out: string): Promise<void> {
  // A broker may read the folder meanwhile: it is replaced, not filled.
  const fresh = `${out}.${process.pid}`;
  await build({
    configFile: false,
    root: join(folder, 'page'),
    publicDir: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic' } },
    build: {
      // A hint of React's for servers, which a page has no use for.
      rolldownOptions: { checks: { moduleLevelDirective: false } },
      outDir: fresh,
      emptyOutDir: true,
      target: 'es2023',
      // Nothing of the page may be in its text: the policy that it is served with lets no such script run.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1_500,
    },
  });
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
}

/** Builds it where it is missing or its sources have changed since. Takes a second or two, or nothing. */
export async function prepareDebugger(): Promise<void> {
  const print = fingerprint(sources);
  if (existsSync(debuggerDist) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return;
  await buildDebugger(debuggerDist);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, print);
}

/** The build of the debugger's page: what Vite is told. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

import { fingerprint } from './checks/fingerprint.ts';
import { root, run } from './step.ts';

const folder = join(root, 'clients', 'debugger');
/** Where a checkout's broker looks for it. */
export const debuggerDist = join(folder, 'dist');
const stamp = join(root, '.cache', 'debugger-build');
/** What the page is made of. */
const sources = ['clients/debugger/src', 'clients/debugger/page', 'clients/typescript/src'];

/** Builds it into `out`. */
export async function buildDebugger(out: string): Promise<void> {
  // A broker may read the folder meanwhile: it is replaced, not filled.
  const fresh = join(root, '.cache', `debugger-${process.pid}`);
  mkdirSync(join(root, '.cache'), { recursive: true });
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
  try {
    renameSync(fresh, out);
  } catch (error) {
    // Another build of the same sources was faster.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(out)) throw error;
  }
}

/** Builds it where it is missing or its sources have changed since. Takes a second or two, or nothing. */
export async function prepareDebugger(): Promise<void> {
  const print = fingerprint(sources);
  if (existsSync(debuggerDist) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return;
  // Tests run under another NODE_ENV, in which React would build for developers: the page is always the one that users get.
  const { ok, output } = await run('env', ['NODE_ENV=production', 'node', 'scripts/build-debugger.ts'], true);
  if (!ok) throw new Error(`the debugger cannot be built: ${output}`);
  writeFileSync(stamp, print);
}

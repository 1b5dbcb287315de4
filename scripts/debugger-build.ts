/** The build of the debugger's page: what Vite is told. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';

import { fingerprint } from './checks/fingerprint.ts';
import { root, run } from './step.ts';

const folder = join(root, 'clients', 'debugger');
/** Where a checkout's broker looks for it. */
export const debuggerDist = join(folder, 'dist');
export const treeAppDist = join(folder, 'mcp-app', 'dist');
const stamp = join(root, '.cache', 'debugger-build');
/** What the page is made of. */
const sources = ['clients/debugger/src', 'clients/debugger/page', 'clients/typescript/src'];

/** Builds it into `out`. */
export async function buildDebugger(out: string): Promise<void> {
  const fresh = freshFolder('debugger');
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
  replace(out, fresh);
}

/** Builds the tree as an MCP App into `out`: `tree.html`, with everything that it needs in its text. Returns what it is made of. */
export async function buildTreeApp(out: string): Promise<readonly string[]> {
  const fresh = freshFolder('mcp-app');
  const files: string[] = [];
  await build({
    configFile: false,
    root: join(folder, 'page'),
    publicDir: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic' } },
    plugins: [
      {
        name: 'files',
        generateBundle(_, built) {
          for (const chunk of Object.values(built))
            if (chunk.type === 'chunk') files.push(...chunk.moduleIds);
        },
      },
    ],
    build: {
      rolldownOptions: {
        input: join(folder, 'page', 'mcp-app.html'),
        checks: { moduleLevelDirective: false },
        output: { codeSplitting: false },
      },
      outDir: fresh,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1_500,
    },
  });
  const page = withEverything(readFileSync(join(fresh, 'mcp-app.html'), 'utf8'), fresh);
  rmSync(fresh, { recursive: true });
  mkdirSync(fresh);
  writeFileSync(join(fresh, 'tree.html'), page);
  replace(out, fresh);
  return files;
}

/** Puts the files that a page loads into its text. */
function withEverything(page: string, from: string): string {
  const textOf = (path: string): string => readFileSync(join(from, path), 'utf8');
  const whole = page
    .replace(/<script type="module"[^>]* src="([^"]+)"><\/script>/g, (_, path: string) => {
      // What would end the script within its own text is written otherwise.
      return `<script type="module">${textOf(path).replaceAll('</script', String.raw`<\/script`)}</script>`;
    })
    .replace(
      /<link rel="stylesheet"[^>]* href="([^"]+)">/g,
      (_, path: string) => `<style>${textOf(path)}</style>`,
    );
  if (/<(script|link)[^>]* (src|href)=/.test(whole.replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '')))
    throw new Error('the page of the tree still loads something');
  return whole;
}

/** A broker may read the built files meanwhile: they are replaced, not filled. */
function freshFolder(name: string): string {
  const fresh = join(root, '.cache', `${name}-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  return fresh;
}

function replace(out: string, fresh: string): void {
  mkdirSync(dirname(out), { recursive: true });
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
  if (
    existsSync(debuggerDist) &&
    existsSync(treeAppDist) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === print
  )
    return;
  // Tests run under another NODE_ENV, in which React would build for developers: the page is always the one that users get.
  const { ok, output } = await run('env', ['NODE_ENV=production', 'node', 'scripts/build-debugger.ts'], true);
  if (!ok) throw new Error(`the debugger cannot be built: ${output}`);
  writeFileSync(stamp, print);
}

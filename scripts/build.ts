/** Builds what the npm package holds (`npm run build`): JavaScript of the broker, the TypeScript client, the debugger and the demo in `dist`. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'vite';

import { root, run } from './step.ts';

rmSync(join(root, 'dist'), { recursive: true, force: true });
let { ok } = await run('tsc', ['-p', 'tsconfig.build.json']);
if (ok) {
  writeFileSync(join(root, 'dist', 'package.json'), builtManifest());
  await bundleMcpEndpoint();
  copyFileSync(join(root, 'demo', 'material.json'), join(root, 'dist', 'demo', 'material.json'));
  const built = await run('env', [
    'NODE_ENV=production',
    'node',
    'scripts/build-debugger.ts',
    '--out',
    'dist',
  ]);
  ok = built.ok;
}
process.exitCode = ok ? 0 : 1;

/** What the built files read of their package: they lie one folder deeper than the sources. */
function builtManifest(): string {
  const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  return `${JSON.stringify({ name, version, type })}\n`;
}

/** Puts what the first request of MCP loads into one file, without what a broker has loaded by then. */
async function bundleMcpEndpoint(): Promise<void> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    ssr: {
      noExternal: true,
      external: ['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-node'],
      target: 'node',
    },
    build: {
      ssr: join('dist', 'src', 'mcp-endpoint.js'),
      outDir: join(root, 'dist', 'src'),
      emptyOutDir: false,
      target: 'node24',
      chunkSizeWarningLimit: 5_000,
      rolldownOptions: { output: { entryFileNames: 'mcp-endpoint.js', codeSplitting: false } },
    },
  });
}

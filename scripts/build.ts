/** Builds what the npm package holds (`npm run build`): JavaScript of the broker, the TypeScript client and the debugger in `dist`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildDebugger } from './debugger-build.ts';
import { root, run } from './step.ts';

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { ok } = await run('tsc', ['-p', 'tsconfig.build.json']);
if (ok) {
  writeFileSync(join(root, 'dist', 'package.json'), builtManifest());
  await buildDebugger(join(root, 'dist', 'debugger'));
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

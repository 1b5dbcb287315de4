/**
 * Builds the debugger's page (`npm run build:debugger`; `--if-changed` only where the sources are not those of the last build). `--out DIR`
 * says where to; the default is where a checkout's broker looks for it.
 */
import { join } from 'node:path';

import { root } from './step.ts';
import { buildDebugger, debuggerDist, prepareDebugger } from './debugger-build.ts';

const args = process.argv.slice(2);
const outAt = args.indexOf('--out');
const out = outAt < 0 ? debuggerDist : join(root, args[outAt + 1] ?? '');
if (args.includes('--if-changed')) await prepareDebugger();
else await buildDebugger(out);

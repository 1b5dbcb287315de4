/**
 * Builds the debugger's page, and its tree as an MCP App (`npm run build:debugger`; `--if-changed` only where the sources are not those of
 * the last build). `--out DIR` puts them into `debugger` and `mcp-app` there; the default is where a checkout's broker looks for them.
 */
import { join } from 'node:path';

import { root } from './step.ts';
import { buildDebugger, buildTreeApp, debuggerDist, prepareDebugger, treeAppDist } from './debugger-build.ts';

const args = process.argv.slice(2);
const outAt = args.indexOf('--out');
const [page, app] =
  outAt < 0
    ? [debuggerDist, treeAppDist]
    : [join(root, args[outAt + 1] ?? '', 'debugger'), join(root, args[outAt + 1] ?? '', 'mcp-app')];
if (args.includes('--if-changed')) await prepareDebugger();
else {
  await buildDebugger(page);
  await buildTreeApp(app);
}

/** Programs of others for MCP (`scripts/mcp-tools`), installed when they are first needed: what the broker is built with is apart from them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './step.ts';

export const mcpToolsFolder = join('scripts', 'mcp-tools');

/** Where a program lies. */
export function mcpTool(name: string): string {
  return join(mcpToolsFolder, 'node_modules', '.bin', name);
}

/** Installs them where they are not what is pinned. False where that does not work. */
export async function prepareMcpTools(): Promise<boolean> {
  const wanted = readFileSync(join(root, mcpToolsFolder, 'package-lock.json'), 'utf8');
  const stamp = join(root, mcpToolsFolder, 'node_modules', '.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  const install = ['ci', '--prefix', mcpToolsFolder, '--ignore-scripts', '--no-audit', '--no-fund'];
  if (!(await run('npm', install)).ok) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/** Where the built page of the tree lies, as an MCP App: in a checkout beside the debugger's sources, in a package beside the broker's. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** How to read it; `undefined` where it was not built. It is read for each host that asks: few do, and once each. */
export function mcpTreePage(): (() => Promise<string>) | undefined {
  const isCheckout = import.meta.url.endsWith('.ts');
  const place = isCheckout ? '../clients/debugger/mcp-app/dist/tree.html' : '../mcp-app/tree.html';
  const file = fileURLToPath(new URL(place, import.meta.url));
  return existsSync(file) ? () => readFile(file, 'utf8') : undefined;
}

/**
 * The tree as an MCP App (extension `io.modelcontextprotocol/ui`, 2026-01-26): a page that clients show beside the answer of a tool. It
 * holds everything that it needs, and reaches the broker only by calling tools through its host.
 */
import type { McpServer } from '@modelcontextprotocol/server';

export const appsExtension = 'io.modelcontextprotocol/ui';
export const appMimeType = 'text/html;profile=mcp-app';
export const treeAppUri = 'ui://hyperloom/tree';

/** It may load nothing, and speak to nobody but its host. */
const metadata = { ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true } };

/** Says that a tool's answers are shown by an app; the second key is what hosts from before 2026 look at. */
export function shownBy(uri: string): Readonly<Record<string, unknown>> {
  return { ui: { resourceUri: uri }, 'ui/resourceUri': uri };
}

export function registerTreeApp(server: McpServer, readPage: () => Promise<string>): void {
  const config = {
    title: 'Tree',
    description: 'The living tree of a forest, as an app.',
    mimeType: appMimeType,
    _meta: metadata,
  };
  server.registerResource('tree', treeAppUri, config, async () => ({
    contents: [{ uri: treeAppUri, mimeType: appMimeType, text: await readPage(), _meta: metadata }],
  }));
}

/**
 * A host of MCP Apps as small as one can be, on the official bridge: it calls the tool, puts the app that the tool names into a sandbox
 * of another origin, and passes on what the app asks for. The page's address says which MCP server, and what the tool is called with.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  AppBridge,
  getToolUiResourceUri,
  PostMessageTransport,
  RESOURCE_MIME_TYPE,
  type McpUiResourceMeta,
} from '@modelcontextprotocol/ext-apps/app-bridge';

const query = new URLSearchParams(location.search);
const given = JSON.parse(query.get('given') ?? '{}') as Record<string, unknown>;
/** What the app has asked for, for the test to look at. */
const calls: string[] = [];
Object.assign(globalThis, { calls });

const client = new Client(
  { name: 'small host', version: '1.0.0' },
  {
    capabilities: { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: [RESOURCE_MIME_TYPE] } } },
    versionNegotiation: { mode: query.get('era') === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
  },
);
await client.connect(
  new StreamableHTTPClientTransport(new URL(query.get('mcp') ?? ''), {
    fetch(url, init) {
      const { method, params } = JSON.parse(typeof init?.body === 'string' ? init.body : '{}') as {
        readonly method?: string;
        readonly params?: { readonly name?: string };
      };
      if (method === 'tools/call') calls.push(params?.name ?? '');
      return fetch(url, init);
    },
  }),
);
const { tools } = await client.listTools();
const tool = tools.find(({ name }) => name === 'show_tree');
const uri = tool === undefined ? undefined : getToolUiResourceUri(tool);
if (tool === undefined || uri === undefined) throw new Error('there is no tool with an app');
const { contents } = await client.readResource({ uri });
const [page] = contents;
if (page === undefined || !('text' in page) || page.mimeType !== RESOURCE_MIME_TYPE)
  throw new Error(`${uri} is no app`);
const html = page.text;
const { csp } = (page._meta?.['ui'] ?? {}) as McpUiResourceMeta;

const frame = document.createElement('iframe');
frame.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-forms');
frame.style.cssText = 'width: 100%; border: 0; height: 300px';
document.body.append(frame);
if (frame.contentWindow === null) throw new Error('a frame without a window');

const bridge = new AppBridge(
  client,
  { name: 'small host', version: '1.0.0' },
  { serverTools: {}, serverResources: {} },
  { hostContext: { theme: 'dark', displayMode: 'inline', availableDisplayModes: ['inline', 'fullscreen'] } },
);
bridge.onsandboxready = () =>
  void bridge.sendSandboxResourceReady({ html, ...(csp === undefined ? {} : { csp }) });
bridge.onsizechange = ({ height }) => {
  if (height !== undefined) frame.style.height = `${height}px`;
};
bridge.onrequestdisplaymode = async ({ mode }) => {
  frame.style.height = mode === 'fullscreen' ? '95vh' : '300px';
  await bridge.sendHostContextChange({ displayMode: mode });
  return { mode };
};
bridge.oninitialized = () => void show();
await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
frame.src = query.get('sandbox') ?? '';

async function show(): Promise<void> {
  await bridge.sendToolInput({ arguments: given });
  const result = await client.callTool({ name: 'show_tree', arguments: given });
  Object.assign(globalThis, { shown: result.structuredContent });
  await bridge.sendToolResult(result);
}

/** Serves the small host, and on another origin the sandbox that it puts apps into. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

export interface ServedHost {
  /** The page of the host for a tool call on an MCP server. */
  page(mcp: string, era: 'legacy' | 'modern', given: Readonly<Record<string, unknown>>): string;
  close(): void;
}

/** What apps may do that declare nothing, in the words of the extension: nothing is loaded, and nobody spoken to. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self' data:",
  "connect-src 'none'",
].join('; ');

/** Passes messages on in both directions, and puts the app into a frame that inherits the policy. */
const sandbox = `<!doctype html><meta charset="utf-8"><style>html,body,iframe{margin:0;width:100%;height:100%;border:0}</style><script>
const inner = document.createElement('iframe');
inner.sandbox.add('allow-scripts', 'allow-same-origin', 'allow-forms');
document.documentElement.append(inner);
addEventListener('message', ({ source, data }) => {
  if (source === parent) {
    if (data.method === 'ui/notifications/sandbox-resource-ready') inner.srcdoc = data.params.html;
    else inner.contentWindow.postMessage(data, '*');
  } else if (source === inner.contentWindow) parent.postMessage(data, '*');
});
parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/sandbox-proxy-ready', params: {} }, '*');
</script>`;

export async function serveHost(): Promise<ServedHost> {
  const script = await bundle();
  const host = await serve((path) =>
    path === '/host.js'
      ? { type: 'text/javascript', body: script }
      : { type: 'text/html', body: '<!doctype html><script type="module" src="/host.js"></script>' },
  );
  const other = await serve(() => ({ type: 'text/html', body: sandbox }), {
    'content-security-policy': policy,
  });
  return {
    page(mcp, era, given) {
      // Another name of the same machine is another site.
      const query = { mcp, era, given: JSON.stringify(given), sandbox: `http://localhost:${portOf(other)}/` };
      return `http://127.0.0.1:${portOf(host)}/?${new URLSearchParams(query).toString()}`;
    },
    close() {
      host.close();
      other.close();
    },
  };
}

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: fileURLToPath(new URL('host.ts', import.meta.url)), formats: ['es'], fileName: 'host' },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first !== undefined && 'output' in first ? first.output[0] : undefined;
  if (chunk === undefined) throw new Error('the host was not built');
  return chunk.code;
}

interface File {
  readonly type: string;
  readonly body: string;
}

async function serve(
  fileAt: (path: string) => File,
  headers: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const server = createServer((request, response) => {
    const { type, body } = fileAt((request.url ?? '').split('?', 1)[0] ?? '');
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

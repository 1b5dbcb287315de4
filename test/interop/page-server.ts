/**
 * Serves a page to a browser, from another origin than the broker's: the page's own script, and, without a bundler, the modules
 * it imports. TypeScript loses its types on the way; names of packages are resolved by the import map of the page.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { root } from '../../scripts/step.ts';

const packages = {
  '@bufbuild/protobuf': '@bufbuild/protobuf/dist/esm/index.js',
  '@bufbuild/protobuf/codegenv2': '@bufbuild/protobuf/dist/esm/codegenv2/index.js',
  '@bufbuild/protobuf/reflect': '@bufbuild/protobuf/dist/esm/reflect/index.js',
  '@bufbuild/protobuf/wire': '@bufbuild/protobuf/dist/esm/wire/index.js',
  '@bufbuild/protobuf/wkt': '@bufbuild/protobuf/dist/esm/wkt/index.js',
  '@connectrpc/connect': '@connectrpc/connect/dist/esm/index.js',
  '@connectrpc/connect/protocol': '@connectrpc/connect/dist/esm/protocol/index.js',
  '@connectrpc/connect/protocol-connect': '@connectrpc/connect/dist/esm/protocol-connect/index.js',
  '@connectrpc/connect/protocol-grpc-web': '@connectrpc/connect/dist/esm/protocol-grpc-web/index.js',
  '@connectrpc/connect-web': '@connectrpc/connect-web/dist/esm/index.js',
} as const;

const page = `<!doctype html><meta charset="utf-8"><title>interop</title>
<script type="importmap">${JSON.stringify({
  imports: Object.fromEntries(
    Object.entries(packages).map(([name, file]) => [name, `/node_modules/${file}`]),
  ),
})}</script>
<script type="module" src="/test/interop/page.ts"></script>`;

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startPageServer(): Promise<PageServer> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    contentOf(pathname).then(
      ([type, text]) => response.writeHead(200, { 'content-type': type }).end(text),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

async function contentOf(path: string): Promise<readonly [type: string, text: string]> {
  if (path === '/') return ['text/html', page];
  const text = await readFile(join(root, path), 'utf8');
  return ['text/javascript', path.endsWith('.ts') ? stripTypeScriptTypes(text) : text];
}

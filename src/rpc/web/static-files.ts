/**
 * Files of a folder over plain HTTP: the debugger's page. Only what lay there at the start is served, by exact name, so that no request can
 * reach outside of it; bodies are read once and kept, since they are few and small.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Route, WebRequest, WebResponse } from './web-options.ts';

/** One file, ready to be sent. */
interface StaticFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What the page may do: load its own scripts, styles, fonts and pictures, and speak to the broker that it came from. No script in the
 * text of a page runs, no value that is shown can bring one, and no other page can frame it.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Files below this folder have a hash of their content in their names, so what a name stands for never changes. */
const immutableFolder = '/assets/';

/** A route that serves the files in `folder`, with `index.html` at `/`. Without the folder `/` says `missing`. */
export function staticRoute(folder: string, missing: string): Route {
  const files = readFiles(folder);
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const file = files.get(path === '/' ? '/index.html' : path);
    if (file !== undefined) send(request, response, file);
    else if (path === '/' && files.size === 0) sendMissing(response, missing);
    else return false;
    return true;
  };
}

function readFiles(folder: string): ReadonlyMap<string, StaticFile> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    entries.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      return [path, readFile(file, path)];
    }),
  );
}

function readFile(file: string, path: string): StaticFile {
  const body = readFileSync(file);
  const extension = extname(file);
  return {
    body,
    headers: {
      'content-type': types[extension] ?? 'application/octet-stream',
      'content-length': String(body.length),
      'cache-control': path.startsWith(immutableFolder) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      ...(extension === '.html' ? { 'content-security-policy': pagePolicy } : {}),
    },
  };
}

function send(request: WebRequest, response: WebResponse, { body, headers }: StaticFile): void {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' });
    response.end();
  } else if (request.headers['if-none-match'] === headers['etag']) {
    const { 'content-length': _, ...others } = headers;
    response.writeHead(304, others);
    response.end();
  } else {
    response.writeHead(200, headers);
    response.end(method === 'HEAD' ? undefined : body);
  }
}

function sendMissing(response: WebResponse, text: string): void {
  response.writeHead(503, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

/** Goal: the page's files are served exactly, and nothing else is. Method: a folder of a few files behind a plain HTTP server. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { staticRoute } from './static-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'hyperloom-static-'));
let server: Server;
let port: number;

beforeAll(async () => {
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'page', 'assets', 'a-1.js'), 'export {}');
  writeFileSync(join(folder, 'secret'), 'not for you');
  const page = staticRoute(join(folder, 'page'), '');
  const nothing = staticRoute(join(folder, 'nowhere'), 'not built');
  server = createServer((asked, answer) => {
    const route = asked.headers['x-nothing'] === undefined ? page : nothing;
    if (!route(asked, answer)) answer.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, init);

test('the page is at /, whatever the query, with a policy that lets no script of others run', async () => {
  const answer = await get('/?path=/a');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('<!doctype html>');
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toContain('unsafe');
});

test('assets are kept for ever, the page is asked for anew and answered by its tag', async () => {
  expect((await get('/assets/a-1.js')).headers.get('cache-control')).toContain('immutable');
  const tag = (await get('/')).headers.get('etag') ?? '';
  expect((await get('/', { headers: { 'if-none-match': tag } })).status).toBe(304);
});

test('nothing outside of the folder is served, and nothing is written', async () => {
  for (const path of ['/../secret', '/%2e%2e/secret', '/assets/../../secret', '/assets', '/none']) {
    const asked = request({ host: '127.0.0.1', port, path });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [{ readonly statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode, path).toBe(404);
  }
  expect((await get('/', { method: 'POST' })).status).toBe(405);
  expect(await (await get('/', { method: 'HEAD' })).text()).toBe('');
});

test('without the folder / says what to do', async () => {
  const answer = await get('/', { headers: { 'x-nothing': '' } });
  expect([answer.status, await answer.text()]).toEqual([503, 'not built']);
});

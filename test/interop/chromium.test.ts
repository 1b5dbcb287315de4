/**
 * Goal: a page in a browser speaks to the broker over HTTP/2 and HTTP/1.1, from another origin. Method: the real Chromium, driven
 * by Playwright; the page uses Connect's client for browsers. Over TLS the browser speaks HTTP/2, in plain text HTTP/1.1.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTool } from '../../bench/harness/tools.ts';
import { type InteropBroker, startInteropBroker, startTlsBroker } from './broker.ts';
import type { PageApi, PageTarget } from './page.ts';
import { type PageServer, startPageServer } from './page-server.ts';

declare const api: PageApi;

let plain: InteropBroker;
let secure: InteropBroker;
let pages: PageServer;
let browser: Browser;
let page: Page;
/** What the browser says that it spoke, by origin. */
const spoken = new Map<string, Set<string>>();
beforeAll(async () => {
  [plain, secure, pages] = await Promise.all([startInteropBroker(), startTlsBroker(), startPageServer()]);
  browser = await chromium.launch({
    executablePath: findTool('chromium') ?? 'chromium',
    // It may run as root, and must not look for anything outside this machine.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await browser.newPage({ ignoreHTTPSErrors: true });
  const tools = await page.context().newCDPSession(page);
  tools.on('Network.responseReceived', ({ response }) => {
    const { origin } = new URL(response.url);
    spoken.set(origin, (spoken.get(origin) ?? new Set()).add(response.protocol ?? ''));
  });
  await tools.send('Network.enable');
  await page.goto(pages.url);
  await page.waitForFunction(() => 'api' in globalThis);
});
afterAll(async () => {
  await browser.close();
  expect([...plain.fatal, ...secure.fatal, ...plain.log, ...secure.log]).toEqual([]);
  await Promise.all([plain.close(), secure.close(), pages.close()]);
});

const secureUrl = (): string => `https://127.0.0.1:${secure.port}`;

describe.each([
  ['h2', 'connect', secureUrl, () => secure],
  ['h2', 'connect-json', secureUrl, () => secure],
  ['h2', 'grpc-web', secureUrl, () => secure],
  ['http/1.1', 'connect', () => plain.url, () => plain],
  ['http/1.1', 'grpc-web', () => plain.url, () => plain],
] as const)('over %s with %s', (http, protocol, urlOf, brokerOf) => {
  const target = (): PageTarget => ({ protocol, url: urlOf() });
  const path = `/browser/${http.replace('/', '')}/${protocol}`;

  test('a page writes and reads', async () => {
    const read = await page.evaluate(([to, at]) => api.writeAndRead(to, at, 'from a page ✓'), [
      target(),
      path,
    ] as const);
    expect(read).toBe('from a page ✓');
    expect(spoken.get(urlOf())).toEqual(new Set([http]));
  });

  test('it sends and receives a megabyte and a half', async () => {
    const isSame = await page.evaluate(([to, at]) => api.big(to, at, 1_500_000), [target(), path] as const);
    expect(isSame).toBe(true);
  });

  test('it is told what was wrong, with details', async () => {
    const { code, reasons } = await page.evaluate((to) => api.refused(to), target());
    expect(code).toBe(3);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).not.toBe('');
  });

  test('a stream brings what happens as it happens', async () => {
    const texts = await page.evaluate(([to, at]) => api.follow(to, at, 20), [target(), path] as const);
    expect(texts).toEqual(['before', ...Array.from({ length: 20 }, (_, index) => `text ${index + 1}`)]);
  });

  test('streams end for the broker when the page gives them up', async () => {
    // Of HTTP/1.1 a browser has six connections to an origin.
    const count = http === 'h2' ? 90 : 4;
    await page.evaluate(([to, at, many]) => api.open(to, at, many), [target(), path, count] as const);
    expect(await subscriptions(brokerOf())).toBe(count);
    const ends = await page.evaluate(() => api.abort());
    // 1: cancelled, by the page itself.
    expect(ends).toEqual(Array.from({ length: count }, () => '1'));
    while ((await subscriptions(brokerOf())) > 0);
  });
});

test('streams end for the broker when the page is left', async () => {
  const other = await browser.newPage({ ignoreHTTPSErrors: true });
  await other.goto(pages.url);
  await other.waitForFunction(() => 'api' in globalThis);
  const target = { protocol: 'connect', url: secureUrl() } as const;
  await other.evaluate((to) => api.open(to, '/browser/left', 20), target);
  expect(await subscriptions(secure)).toBe(20);
  await other.close();
  while ((await subscriptions(secure)) > 0);
});

/** How many the broker has: asked without a call, since over TLS the test has no client of its own. */
async function subscriptions({ broker }: InteropBroker): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  const forest = broker.forests.get('default');
  return 'hub' in forest ? forest.hub.subscriptions : -1;
}

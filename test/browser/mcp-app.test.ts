/**
 * Goal: a host of MCP Apps shows the tree of a real broker, live, with nothing but calls of tools. Method: a small host on the official
 * bridge in a real Chromium, with the sandbox that the extension asks for; a client beside it changes things.
 */
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { serveHost, type ServedHost } from './mcp-host/serve.ts';
import { openBrowser, openPage } from './stage.ts';

let browser: Browser;
let host: ServedHost;
beforeAll(async () => {
  [browser, host] = await Promise.all([openBrowser(), serveHost()]);
});
afterAll(async () => {
  await browser.close();
  host.close();
});

describe.each(['legacy', 'modern'] as const)('in a %s host', (era) => {
  let broker: TestBroker;
  let client: Client;
  let page: Page;
  let app: FrameLocator;
  const asked: string[] = [];

  beforeAll(async () => {
    broker = await startTestBroker();
    client = connect(broker.url.slice('http://'.length), { author: 'planner' });
    await client.put('/session_1/task', 'compare');
    await client.put('/session_1/notes/etcd', { sorted: true });
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await client.close();
    await broker.close();
    expect([...broker.fatal, ...broker.log]).toEqual([]);
  });

  const open = async (given: Readonly<Record<string, unknown>>): Promise<void> => {
    const opened = await openPage(browser, 'about:blank');
    ({ page } = opened);
    const { complaints } = opened;
    page.on('request', (request) => {
      if (request.frame() !== page.mainFrame() && !request.isNavigationRequest()) asked.push(request.url());
    });
    page.on('close', () => expect(complaints).toEqual([]));
    await page.goto(host.page(`${broker.url}/mcp`, era, given));
    app = page.frameLocator('iframe').frameLocator('iframe');
  };
  const node = (path: string) => app.locator(`.node.trunk:has([title="${path}"])`);
  const staged = (path: string) => app.locator(`.node.staged:has([title^="${path},"])`);

  test('the tree is shown, and grows and shrinks as agents work', async () => {
    await open({ path: '/session_1' });
    await node('/session_1/notes/etcd').waitFor();
    expect(await page.evaluate('shown')).toMatchObject({ shown: true, ghosts: [] });
    expect(await app.locator(':root').getAttribute('data-theme')).toBe('dark');
    await client.put('/session_1/notes/redis', 'fast');
    await node('/session_1/notes/redis').waitFor();
    await client.delete('/session_1/notes');
    await node('/session_1/notes/etcd').waitFor({ state: 'detached' });
    expect(await node('/session_1/task').count()).toBe(1);
  });

  test('a chosen node tells its value, and the value that it gets', async () => {
    await open({});
    await node('/session_1/task').locator('.node-name').click();
    const panel = app.locator('.panel');
    await panel.getByText('compare', { exact: true }).waitFor();
    await client.put('/session_1/task', 'decide <b>now</b>');
    await panel.getByText('decide <b>now</b>', { exact: true }).waitFor();
    await panel.getByLabel('Close').click();
    expect(await panel.count()).toBe(0);
  });

  test('ghosts are branches, which settle or fall', async () => {
    await open({});
    await node('/session_1/task').waitFor();
    const kept = await client.ghost({ label: 'keep me', scope: '/session_1' });
    await kept.put('/session_1/draft', 'maybe');
    await staged('/session_1/draft').waitFor();
    expect(await node('/session_1/draft').count()).toBe(0);
    await kept.commit();
    await node('/session_1/draft').waitFor();
    await staged('/session_1/draft').waitFor({ state: 'detached' });
    const dropped = await client.ghost({ label: 'drop me', scope: '/session_1' });
    await dropped.put('/session_1/wrong', 'no');
    await staged('/session_1/wrong').waitFor();
    await dropped.revert('it was wrong');
    await staged('/session_1/wrong').waitFor({ state: 'detached' });
    expect(await node('/session_1/wrong').count()).toBe(0);
  });

  test('it takes all of the screen where the host lets it', async () => {
    await open({});
    await node('/session_1/task').waitFor();
    const before = await page.locator('iframe').evaluate((frame) => frame.clientHeight);
    await app.getByLabel('Larger or smaller').click();
    await expect
      .poll(() => page.locator('iframe').evaluate((frame) => frame.clientHeight))
      .toBeGreaterThan(before + 100);
  });

  test('it asks for nothing but tools that change nothing, and loads nothing', async () => {
    await open({});
    await node('/session_1/task').waitFor();
    await expect.poll(() => page.evaluate('calls')).toContain('wait_for_change');
    const calls = (await page.evaluate('calls')) as readonly string[];
    const allowed = ['show_tree', 'list', 'read', 'diff', 'wait_for_change'];
    expect(calls.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(asked).toEqual([]);
    // What the app has read is not what the model has read.
    const published = await client.put('/session_1/next', 'step');
    const upstream = await client.traceUpstream(published.revision).all();
    expect(upstream).toEqual([]);
  });
});

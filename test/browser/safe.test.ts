/**
 * Goal: whatever values hold, the page shows them and nothing of them runs; everybody can use it; it outlives its broker. Method: hostile
 * values in a real Chromium under the policy that the page is served with; axe's rules over the main views; a broker that is killed.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../clients/typescript/src/testing/broker.ts';
import { connect, json, type Client } from '../../clients/typescript/src/index.ts';
import { openBrowser, openPage } from './stage.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let broker: Broker;
let client: Client;
let url: string;

beforeAll(async () => {
  [browser, broker] = await Promise.all([openBrowser(), Broker.start()]);
  url = `http://${broker.address}/`;
  client = connect(broker.address, { author: 'planner' });
  await client.put('/session_1/task', { goal: 'compare', budget: 12 });
  await client.as({ author: 'writer' }).put('/session_1/notes/etcd', 'sorted\n');
  await client.as({ author: 'writer' }).append('/session_1/notes/etcd', 'and replicated\n');
});
afterAll(async () => {
  client.destroy();
  await browser.close();
  await broker[Symbol.asyncDispose]();
});

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong, in a line each. */
async function findings(page: Page): Promise<string[]> {
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeFinding[] }> } };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
}

/** A page that axe can look at: its own script is let in past the policy of the page, and nothing else is. */
async function openWithAxe(
  query: string,
  dark: boolean,
  viewport = { width: 1_280, height: 800 },
): Promise<Page> {
  const { page } = await openPage(browser, 'about:blank', {
    viewport,
    bypassCSP: true,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(url + query);
  await page.locator('.connection:is([data-kind="live"], [data-kind="past"])').waitFor();
  await page.evaluate(axeSource);
  return page;
}

describe('axe finds nothing serious', () => {
  test.each([
    ['the tree', '', '.node.trunk', false],
    ['the tree in the dark', '', '.node.trunk', true],
    ['a value', '?path=/session_1/task', '.panel pre', false],
    ['a difference in the dark', '?path=/session_1/notes/etcd&tab=diff', 'pre.diff', true],
    ['a history', '?path=/session_1&tab=history', '.panel .event', false],
    ['a comparison', '?left=1&right=2', '.difference', false],
    ['a phone', '?path=/session_1/task&tab=blame', '.panel .cause', true, { width: 390, height: 844 }],
  ] as const)('in %s', async (_name, query, ready, dark, viewport?) => {
    const page = await openWithAxe(query, dark, viewport);
    await page.locator(ready).first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.close();
  });
});

test('axe finds nothing serious in any tab, dialog or menu', async () => {
  const lock = await client.lock('/session_1/task', { label: 'at work' });
  await client.get('/session_1/notes/etcd');
  await client.put('/session_1/summary', 'from the notes');
  const page = await openWithAxe('?path=/session_1/notes/etcd', false);
  const found: Record<string, readonly string[]> = {};
  for (const tab of ['Context', 'Used by', 'Blame', 'Locks', 'Schema']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.locator('.panel .answer:not([data-aged="true"]) > *').first().waitFor();
    found[tab] = await findings(page);
  }
  await page.goto(`${url}?path=/session_1/task&tab=locks`);
  await page.locator('.panel .locks li').first().waitFor();
  await page.evaluate(axeSource);
  found['a lock'] = await findings(page);
  for (const name of ['Tokens', 'Import', 'Keys', 'Export', 'Fork from here']) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    found[name] = await findings(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  for (const [where, problems] of Object.entries(found)) expect(problems, where).toEqual([]);
  await page.close();
  await lock.release();
});

test('the whole way is open to the keyboard', async () => {
  const { page } = await openPage(browser, url);
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.locator('.node.trunk .node-name[title="/session_1/task"]').waitFor();
  await page.getByRole('application', { name: /Tree of nodes/ }).focus();
  await page.keyboard.press('Home');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  await expect.poll(() => new URL(page.url()).searchParams.get('path')).toBe('/session_1/notes/etcd');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.locator('.node-name[title="/session_1/notes/etcd"]').waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await page.locator('.node-name[title="/session_1/notes/etcd"]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.panel').waitFor({ state: 'detached' });
  await page.keyboard.press('[');
  await page.locator('.connection[data-kind="past"]').waitFor();
  await page.keyboard.press('l');
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.close();
});

describe('values that mean harm', () => {
  const script = `<script>globalThis.harmed = true</script><img src=x onerror="globalThis.harmed = true">`;
  const deep = `${'['.repeat(400)}1${']'.repeat(400)}`;

  test.each([
    ['html', script, '<script>globalThis.harmed'],
    ['json', json(JSON.stringify({ html: script, link: 'javascript:alert(1)' })), 'javascript:alert(1)'],
    ['control', 'bell \u0007 escape \u001b[31m turn \u202e end', '\u2407'],
    ['deep', json(deep), '['],
    ['bytes', new Uint8Array([0, 60, 62, 255]), '000000'],
  ])('%s is shown as text', async (name, value, seen) => {
    await client.put(`/hostile/${name}`, value, { label: script });
    const { page, complaints } = await openPage(browser, `${url}?path=/hostile/${name}`);
    await page.locator('.panel .value pre').waitFor();
    expect(await page.locator('.panel .value pre').innerText()).toContain(seen);
    await page.getByRole('tab', { name: 'History' }).click();
    await page.locator('.panel .event').first().waitFor();
    expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false);
    expect(await page.locator('.page img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('of ten megabytes the beginning is shown, and more on request', async () => {
    const part = 'x'.repeat(2_000_000);
    await client.put('/hostile/large', part);
    for (let at = 1; at < 5; at += 1) await client.append('/hostile/large', part);
    const { page } = await openPage(browser, `${url}?path=/hostile/large`);
    await page.getByRole('button', { name: /Show more/ }).waitFor();
    const shown = (): Promise<number> =>
      page.locator('.panel .value pre').evaluate((pre) => pre.textContent.length);
    expect(await shown()).toBe(20_000);
    await page.getByRole('button', { name: /Show more/ }).click();
    await expect.poll(shown).toBe(80_000);
    await page.close();
  });

  test('no script in the text of the page would run', async () => {
    const { page } = await openPage(browser, url);
    await page.locator('.node.trunk').first().waitFor();
    const isHarmed = await page.evaluate(() => {
      const element = document.createElement('script');
      try {
        element.textContent = 'globalThis.harmed = true';
        document.body.append(element);
      } catch {
        return false;
      }
      return 'harmed' in globalThis;
    });
    expect(isHarmed).toBe(false);
    await page.close();
  });
});

test('when the broker dies the page says so, and takes up where it was when it is back', async () => {
  const { page } = await openPage(browser, url);
  await page.locator('.connection[data-kind="live"]').waitFor();
  await broker.kill();
  await page.locator('.connection:is([data-kind="reconnecting"], [data-kind="gone"])').waitFor();
  expect(await page.locator('.node.trunk').count()).toBeGreaterThan(0);
  await broker.restart();
  await client.put('/session_1/after', 'the restart');
  await page.locator('.node-name[title="/session_1/after"]').waitFor();
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.close();
});

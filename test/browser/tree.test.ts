/**
 * Goal: the page shows what the broker holds, as it happens. Method: a real Chromium at the page that a real broker serves; a client
 * beside it changes things, and the page is read as a person would, by what stands in it.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, gate, operation, type Client } from '../../clients/typescript/src/index.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { openBrowser, openPage } from './stage.ts';

let browser: Browser;
let broker: TestBroker;
let client: Client;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [browser, broker] = await Promise.all([openBrowser(), startTestBroker()]);
  client = connect(broker.url.slice('http://'.length), { author: 'planner' });
  ({ page, complaints } = await openPage(browser, broker.url));
});
afterAll(async () => {
  await client.close();
  await browser.close();
  expect([...broker.fatal, ...broker.log]).toEqual([]);
  await broker.close();
});

const node = (path: string) => page.locator(`.node.trunk:has([title="${path}"])`);
const staged = (path: string) => page.locator(`.node.staged:has([title^="${path},"])`);
const live = () => page.locator('.connection[data-kind="live"]').waitFor();

test('an empty forest says so, and grows as agents publish', async () => {
  await page.getByText('An empty forest').waitFor();
  await live();
  await client.put('/session_1/task', 'compare');
  await node('/session_1/task').waitFor();
  expect(await page.getByText('An empty forest').count()).toBe(0);
  await client.put('/session_1/notes/etcd', 'sorted');
  await node('/session_1/notes/etcd').waitFor();
  await client.delete('/session_1/notes');
  await node('/session_1/notes').waitFor({ state: 'detached' });
});

test('a ghost is a branch; on revert its nodes turn red and go', async () => {
  const ghost = await client.ghost({ label: 'risky', scope: '/session_1' });
  await ghost.put('/session_1/draft', 'maybe');
  await staged('/session_1/draft').waitFor();
  expect(await node('/session_1/draft').count()).toBe(0);
  // The page itself notes that it turned red: a look from outside might come too late.
  await page.evaluate(() => {
    const seen = new Set<string>();
    new MutationObserver(() => {
      for (const each of document.querySelectorAll('.node.staged'))
        seen.add(each.getAttribute('data-phase') ?? '');
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(globalThis, { seen });
  });
  await ghost.revert('the source is wrong');
  await staged('/session_1/draft').waitFor({ state: 'detached' });
  const seen = await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  expect(seen).toContain('falling');
  expect(await node('/session_1/draft').count()).toBe(0);
});

test('on commit they settle into the trunk', async () => {
  const ghost = await client.ghost({ label: 'sound', scope: '/session_1' });
  await ghost.put('/session_1/summary', 'good');
  await staged('/session_1/summary').waitFor();
  await ghost.commit();
  await node('/session_1/summary').waitFor();
  await staged('/session_1/summary').waitFor({ state: 'detached' });
  expect(await page.locator('.node.ghost').count()).toBe(0);
});

test('a wide node shows some children and how many more', async () => {
  await client.publish(
    Array.from({ length: 300 }, (_, at) => operation.put(`/wide/item_${String(at).padStart(3, '0')}`, at)),
  );
  const more = page.locator('.node.more', { hasText: '288 more' });
  await page.locator('.node.trunk:has([title="/wide"])').waitFor();
  await page.getByRole('button', { name: 'All of the tree' }).click();
  await more.waitFor();
  expect(await page.locator('.node.trunk:has([title^="/wide/"])').count()).toBe(12);
});

test('a reviewer approves at a gate, and the ghost is committed', async () => {
  const ghost = await client.ghost({ label: 'gated', scope: '/session_1', gates: [gate.review('editor')] });
  await ghost.put('/session_1/report', 'done');
  const committing = ghost.commit();
  await page.getByRole('button', { name: '1 review waiting' }).click();
  await page.getByRole('button', { name: 'Approve as editor' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('short and right');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await committing;
  expect((await client.get('/session_1/report')).value).toBe('done');
  await node('/session_1/report').waitFor();
  await page.getByRole('button', { name: 'Close the panel' }).click();
});

test('a reviewer sees what is staged in place of what was shown', async () => {
  const waiting = page.getByRole('button', { name: '1 review waiting' });
  await waiting.waitFor({ state: 'detached' });
  const ghost = await client.ghost({ label: 'anew', scope: '/session_1', gates: [gate.review('editor')] });
  await ghost.put('/session_1/letter', 'the first words');
  const first = ghost.commit().catch((error: unknown) => error);
  await waiting.click();
  const panel = page.locator('.difference', { hasText: '/session_1/letter' });
  await panel.filter({ hasText: 'the first words' }).waitFor();
  await ghost.put('/session_1/letter', 'quite other words');
  const second = ghost.commit();
  await panel.filter({ hasText: 'quite other words' }).waitFor();
  await page.getByRole('button', { name: 'Approve as editor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await second;
  await first;
  expect((await client.get('/session_1/letter')).value).toBe('quite other words');
  await page.getByRole('button', { name: 'Close the panel' }).click();
});

test('the page has nothing to complain about', () => {
  expect(complaints).toEqual([]);
});

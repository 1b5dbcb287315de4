/**
 * Goal: the past is what it was, links lead where they were made, and the page outlives its broker. Method: a real Chromium against a real
 * broker with a written history; what the page shows is compared with what the broker's own reads say.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { choose, openBrowser, openPage } from './stage.ts';

let browser: Browser;
let broker: TestBroker;
let client: Client;
let page: Page;
let complaints: string[];
const steps = 12;

beforeAll(async () => {
  [browser, broker] = await Promise.all([openBrowser(), startTestBroker()]);
  client = connect(broker.url.slice('http://'.length), { author: 'planner' });
  for (let at = 1; at <= steps; at += 1) {
    await client.put('/run/task', `draft ${at}`, { label: `step ${at}` });
    await client.as({ author: at % 2 === 0 ? 'writer' : 'critic' }).put(`/run/notes/n${at}`, at);
  }
  await client.delete('/run/notes/n3');
  ({ page, complaints } = await openPage(browser, broker.url));
  await page.locator('.connection[data-kind="live"]').waitFor();
});
afterAll(async () => {
  await client.close();
  await browser.close();
  expect([...broker.fatal, ...broker.log]).toEqual([]);
  await broker.close();
});

/** The paths that the tree shows. */
async function shown(): Promise<string[]> {
  const titles = await page
    .locator('.node.trunk .node-name')
    .evaluateAll((nodes) => nodes.map((each) => each.getAttribute('title') ?? ''));
  return titles.filter((path) => path !== '/').sort();
}

async function goTo(revision: number): Promise<void> {
  const field = page.getByLabel('Revision', { exact: true });
  // A panel that has just closed gives the focus back, and what was typed by then goes.
  const jump = async (): Promise<void> => {
    await field.fill(String(revision));
    await field.press('Enter');
    await page.locator('.connection[data-kind="past"]').waitFor({ timeout: 5_000 });
  };
  await vi.waitFor(jump, { timeout: 30_000 });
  await page.locator(`.page:not(:has([data-travelling="true"]))`).waitFor();
  await expect.poll(() => page.getByLabel('Revision', { exact: true }).inputValue()).toBe(String(revision));
}

/** Nodes that are still on their way to their places are hard to hit. */
async function treeStands(revision: number): Promise<void> {
  const listed = await client.list('/', { depth: 0, keysOnly: true, atRevision: revision }).all();
  await expect.poll(shown, { timeout: 30_000 }).toEqual(listed.map(({ path }) => path).sort());
}

const live = async (): Promise<void> => {
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
};

test.each([1, 2, 7, 20, 24])(
  'at revision %i the tree is what List says, and the value what Get says',
  async (revision) => {
    await goTo(revision);
    await treeStands(revision);
    await choose(page, '/run/task');
    const { value } = await client.get('/run/task', { atRevision: revision });
    await expect.poll(() => page.locator('.panel .value pre').innerText()).toBe(value);
    await page.getByRole('button', { name: 'Close the panel' }).click();
  },
);

test('steps go from event to event, and a filter leaves out those of others', async () => {
  await goTo(10);
  await page.getByRole('button', { name: 'Event after' }).click();
  await expect.poll(() => page.getByLabel('Revision', { exact: true }).inputValue()).toBe('11');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByLabel('Agent').selectOption('writer');
  await page.getByRole('button', { name: 'Event after' }).click();
  await expect.poll(() => page.getByLabel('Revision', { exact: true }).inputValue()).toBe('12');
  await page.getByRole('button', { name: 'Event after' }).click();
  await expect.poll(() => page.getByLabel('Revision', { exact: true }).inputValue()).toBe('16');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Filter' }).click();
});

test('the slider is dragged by keys as well, and playing ends at the present', async () => {
  await page.getByLabel('Place in history').focus();
  await page.keyboard.press('Home');
  await page.locator('.connection[data-kind="past"]').waitFor();
  await expect.poll(() => page.getByLabel('Revision', { exact: true }).inputValue()).toBe('1');
  await page.getByLabel('Events a second').selectOption('100');
  await page.getByRole('button', { name: 'Play' }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.getByRole('button', { name: 'Play' }).waitFor();
});

test('a link brings back node, place in time and tab', async () => {
  await goTo(7);
  await treeStands(7);
  await choose(page, '/run/task');
  await page.getByRole('tab', { name: 'Change' }).click();
  await page.locator('pre.diff').waitFor();
  const difference = await page.locator('pre.diff').innerText();
  const other = await openPage(browser, page.url());
  await other.page.locator('pre.diff').waitFor();
  await expect.poll(() => other.page.locator('pre.diff').innerText()).toBe(difference);
  expect(difference).toContain('draft 4');
  await expect.poll(() => other.page.getByLabel('Revision', { exact: true }).inputValue()).toBe('7');
  expect(other.complaints).toEqual([]);
  await other.page.close();
  await page.getByRole('button', { name: 'Close the panel' }).click();
  await live();
});

test('a fork is a copy of the subtree as it was', async () => {
  await goTo(5);
  await treeStands(5);
  await choose(page, '/run');
  await page.getByRole('button', { name: 'Fork from here' }).click();
  await page.getByLabel('New tree').fill('/again');
  await page.getByRole('button', { name: 'Fork', exact: true }).click();
  await page.locator('.node.trunk .node-name[title="/again/task"]').waitFor();
  expect((await client.get('/again/task')).value).toBe('draft 3');
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.getByRole('button', { name: 'Close the panel' }).click();
});

test('a revision is taken back after a question', async () => {
  const { revision } = await client.put('/wrong', 'a mistake');
  await goTo(revision);
  await choose(page, '/wrong');
  await page.getByRole('button', { name: `Take back revision ${revision}` }).click();
  await page.getByLabel('Why').fill('the source is wrong');
  await page.getByRole('button', { name: 'Take back', exact: true }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
  expect(await client.find('/wrong')).toBeUndefined();
  await expect.poll(shown).not.toContain('/wrong');
  await page.getByRole('button', { name: 'Close the panel' }).click();
});

test('two revisions stand side by side', async () => {
  await page.goto(`${broker.url}/?left=1&right=3`);
  await page.getByText('2 paths differ').waitFor();
  const right = page.getByLabel('Right', { exact: true });
  expect(await page.getByLabel('Left', { exact: true }).locator('pre').allInnerTexts()).toEqual(['draft 1']);
  expect(await right.locator('pre').allInnerTexts()).toEqual(['1', 'draft 2']);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('.node.trunk').first().waitFor();
});

test('two ghosts stand side by side', async () => {
  await using one = await client.ghost({ label: 'one' });
  await using two = await client.ghost({ label: 'two' });
  await one.put('/run/answer', 'yes');
  await two.put('/run/answer', 'no');
  await page.goto(`${broker.url}/?left=ghost:${one.id}&right=ghost:${two.id}`);
  await page.getByText('1 path differs').waitFor();
  expect(await page.getByLabel('Left', { exact: true }).locator('pre').innerText()).toBe('yes');
  expect(await page.getByLabel('Right', { exact: true }).locator('pre').innerText()).toBe('no');
  await page.goto(broker.url);
  await page.locator('.node.ghost').first().waitFor();
});

test('the page has nothing to complain about', () => {
  expect(complaints).toEqual([]);
});

/**
 * Goal: who knew what, what it cost, and where it stands, as the broker tells it. Method: a told story in a real broker, looked at in a real
 * Chromium; what the page shows is compared with what the story's agents had read.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { openBrowser, openPage } from './stage.ts';
import { tellStory, type Told } from './story.ts';

let browser: Browser;
let broker: TestBroker;
let told: Told;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [browser, broker] = await Promise.all([openBrowser(), startTestBroker()]);
  told = await tellStory(broker.url.slice('http://'.length));
  ({ page, complaints } = await openPage(browser, `${broker.url}/?path=/session_1/summary&tab=context`));
});
afterAll(async () => {
  await told.end();
  await browser.close();
  expect([...broker.fatal, ...broker.log]).toEqual([]);
  await broker.close();
});

test('the context of a value is what its author had read, as it was then', async () => {
  await page.locator('.panel .difference').first().waitFor();
  const paths = await page.locator('.panel .difference h3 .link').allInnerTexts();
  expect(paths).toContain('/session_1/notes/etcd');
  expect(paths).toContain('/session_1/reviews/first');
  expect(paths).not.toContain('/session_1/notes/redis');
  expect(
    await page.locator('.panel .difference', { hasText: 'notes/etcd' }).locator('pre').innerText(),
  ).toContain('A watch resumes from any revision.');
});

test('what has used a value is found through several agents', async () => {
  await page.goto(`${broker.url}/?path=/session_1/notes/etcd&tab=used`);
  await page.locator('.panel .through').first().waitFor();
  const events = await page.locator('.panel .event .title').allInnerTexts();
  expect(events).toContain('a summary from the notes');
  expect(events.some((title) => title.includes('/session_1/title'))).toBe(true);
  expect(await page.locator('.panel .through').allInnerTexts()).toContainEqual(
    expect.stringContaining('2 publishes away'),
  );
});

test('a search finds paths and values, and leads there', async () => {
  await page.getByLabel('Search paths and values').fill('STREAMS FIRST');
  await page.locator('.hits .event').first().click();
  await expect.poll(() => new URL(page.url()).searchParams.get('path')).toBe('/session_1/notes/nats');
  await page.getByLabel('Search paths and values').fill('nowhere to be found');
  await page.getByText('Nothing holds that.').waitFor();
  await page.keyboard.press('Escape');
});

test('a cascade reports first what it takes along, and then takes it', async () => {
  const { client } = told;
  const wrong = await client.put('/case/claim', 'the moon is cheese');
  const reader = client.as({ author: 'believer' });
  await reader.get('/case/claim');
  await reader.put('/case/menu', 'moon on toast', { label: 'a menu' });
  await page.goto(`${broker.url}/?path=/case/claim`);
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.getByLabel('Revision', { exact: true }).fill(String(wrong.revision));
  await page.getByLabel('Revision', { exact: true }).press('Enter');
  await page.getByRole('button', { name: `Take back revision ${wrong.revision}` }).click();
  const report = page.getByRole('group', { name: 'What would be taken back' });
  expect(await report.innerText()).toContain('2 revisions taken back');
  expect(await report.innerText()).toContain('by believer a menu');
  expect((await client.get('/case/menu')).value).toBe('moon on toast');
  await page.getByRole('radio', { name: /With all that was derived/ }).check();
  await page.getByRole('button', { name: 'Take back all' }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
  expect(await client.find('/case/menu')).toBeUndefined();
  expect(await client.find('/case/claim')).toBeUndefined();
});

test('the meters tell each agent with what it saved', async () => {
  const isPriced = async (): Promise<boolean> => {
    const { meters } = await told.client.status({ meters: true });
    return meters.some(
      ({ agent, price, fullHistory }) =>
        agent === 'editor' && price.fullHistoryCached > 0 && price.fullHistoryCached < fullHistory.tokens - 1,
    );
  };
  await expect.poll(isPriced).toBe(true);
  await page.getByRole('button', { name: 'Tokens' }).click();
  const lines = page.getByRole('dialog').locator('.meters li');
  await lines.first().waitFor();
  const agents = await lines.locator('b').allInnerTexts();
  expect(agents).toEqual(expect.arrayContaining(['writer', 'researcher', 'critic', 'editor', 'planner']));
  // With a provider's cache it costs what the same beginnings do not, on both sides.
  const editor = lines.filter({ has: page.getByText('editor', { exact: true }) });
  const numbersIn = (texts: readonly string[]): number[] =>
    texts.flatMap((text) => text.match(/[\d,]+/g) ?? []).map((text) => Number(text.replaceAll(',', '')));
  const [context = 0, history = 0] = numbersIn(await editor.locator('.number').allInnerTexts());
  const price = await editor.locator('.meter-price').innerText();
  expect(price).toMatch(/^with a provider’s prompt cache the price of [\d,]+ instead of [\d,]+$/);
  const [contextPrice = Infinity, historyPrice = Infinity] = numbersIn([price]);
  expect(contextPrice).toBeLessThanOrEqual(context);
  expect(historyPrice).toBeLessThan(history);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  expect(complaints).toEqual([]);
});

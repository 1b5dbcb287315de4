/**
 * Goal: who made each field is told; a run goes out of the page into a file that is the one `hyperloom export` writes, and comes in again
 * somewhere else as it was; on a phone everything can be read and reached. Method: a real Chromium against a real broker; what it shows and saves
 * is compared with what the client reads and the command line's own export.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { RunExport } from '../../clients/typescript/src/run-file/export.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { choose, openBrowser, openPage } from './stage.ts';

let browser: Browser;
let broker: TestBroker;
let client: Client;
let page: Page;
let complaints: string[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-page-'));
  [browser, broker] = await Promise.all([
    openBrowser(),
    startTestBroker({ settings: { 'trace-url': 'https://traces.example.com/{traceId}?span={spanId}' } }),
  ]);
  client = connect(broker.url.slice('http://'.length), { author: 'planner' });
  const editor = client.as({ author: 'editor' });
  await client.put('/run/task', { goal: 'compare', budget: { euros: 12, days: 3 }, tags: ['a'] });
  await editor.merge('/run/task', { budget: { euros: 14 }, by: 'Friday' }, { label: 'more money' });
  await client.append('/run/task_list', ['first']);
  await editor.put('/run/task', {
    goal: 'compare',
    budget: { euros: 14, days: 3 },
    tags: ['a', 'b'],
    by: 'Friday',
  });
  const ghost = await editor.ghost({ label: 'a draft', scope: '/run' });
  await ghost.put('/run/draft', 'maybe');
  await ghost.commit();
  await client.put('/run/bytes', new Uint8Array([0, 255, 7]));
  ({ page, complaints } = await openPage(browser, `${broker.url}/?path=/run/task&tab=blame`, {
    acceptDownloads: true,
  }));
});
afterAll(async () => {
  await client.close();
  await browser.close();
  expect([...broker.fatal, ...broker.log]).toEqual([]);
  await broker.close();
  await rm(folder, { recursive: true });
});

/** Each field that has a maker, with the name and the revision that the page tells. */
async function fields(): Promise<Readonly<Record<string, string>>> {
  const rows = page.locator('.fields li', { has: page.locator('.cause') });
  const told = await rows.evaluateAll((lines) =>
    lines.map((line) => {
      const [, author, revision] = Array.from(
        line.querySelectorAll('.cause > span'),
        (part) => part.textContent,
      );
      return [line.getAttribute('data-pointer') ?? '', `${author} ${revision}`] as const;
    }),
  );
  return Object.fromEntries(told);
}

test('each field of a value is told with who made it what it is', async () => {
  await expect.poll(fields).toEqual({
    '/goal': 'planner revision 1',
    '/budget/euros': 'editor revision 2',
    '/budget/days': 'planner revision 1',
    '/tags/0': 'planner revision 1',
    '/tags/1': 'editor revision 4',
    '/by': 'editor revision 2',
  });
  expect(await page.getByText('Look further back').count()).toBe(0);
  await page.locator('.fields li[data-pointer="/budget/euros"] .cause').click();
  await page.locator('.connection[data-kind="past"]').waitFor();
  await expect.poll(fields).toMatchObject({ '/by': 'editor revision 2', '/tags/0': 'planner revision 1' });
  await expect.poll(() => page.locator('.fields li[data-pointer="/tags/1"]').count()).toBe(0);
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
});

test('an event leads to its trace, and one without leads nowhere', async () => {
  const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await client.put('/traced', 'by somebody', { traceParent });
  const { revision } = await client.put('/traced', 'by nobody');
  await page.goto(`${broker.url}/?path=/traced&tab=history`);
  await page.locator('.panel .event').nth(1).waitFor();
  const links = page.locator('.panel .events .trace-link');
  await links.first().waitFor();
  expect(
    await links.evaluateAll((all) =>
      all.map((each) => [each.getAttribute('href'), each.getAttribute('rel')]),
    ),
  ).toEqual([
    [
      'https://traces.example.com/0af7651916cd43dd8448eb211c80319c?span=b7ad6b7169203331',
      'noopener noreferrer',
    ],
  ]);
  const without = page.locator('.panel .events li', { hasText: `revision ${revision}` });
  expect(await without.count()).toBe(1);
  expect(await without.locator('.trace-link').count()).toBe(0);
});

/** What `hyperloom export` writes of a tree. */
async function exported(tree: string): Promise<string> {
  const sha256 = () => createHash('sha256');
  let text = '';
  for await (const line of new RunExport(client, { tree, from: 0, mistakes: new Map(), sha256 }).lines())
    text += line;
  return text;
}

test('an export is the file that the command line writes', async () => {
  await page.goto(`${broker.url}/?path=/run`);
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Export' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('run.jsonl');
  await download.saveAs(join(folder, 'run.jsonl'));
  const text = await readFile(join(folder, 'run.jsonl'), 'utf8');
  expect(text.split('\n').length).toBeGreaterThan(9);
  expect(text).toBe(await exported('/run'));
  await page.getByText(/^Exported \/run: /).waitFor();
});

test('an import puts it elsewhere as it was, gzipped or not', async () => {
  const text = await readFile(join(folder, 'run.jsonl'));
  await writeFile(join(folder, 'packed.gz'), gzipSync(text));
  for (const [file, tree] of [
    ['run.jsonl', '/again'],
    ['packed.gz', '/once_more'],
  ] as const) {
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
    await dialog.getByLabel('File').setInputFiles(join(folder, file));
    await dialog.getByLabel(/Tree to put it into/).fill(tree);
    await dialog.getByRole('button', { name: 'Import' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator(`.node.trunk:has([title="${tree}/task"])`).waitFor();
    const [before, after] = await Promise.all(
      ['/run', tree].map(async (root) => {
        const nodes = await client.list(root, { depth: 0 }).all();
        return nodes.map(({ path, kind, value, json, author }) => [
          path.slice(root.length),
          kind,
          value,
          json,
          author,
        ]);
      }),
    );
    expect(after).toEqual(before);
    const events = await client.history({ path: tree }).all();
    expect(events.map(({ author, label }) => [author, label])).toContainEqual(['editor', 'more money']);
  }
});

test('a file that is no run is refused with its line, and nothing of it stays', async () => {
  const lines = (await readFile(join(folder, 'run.jsonl'), 'utf8')).split('\n');
  await writeFile(join(folder, 'cut.jsonl'), lines.slice(0, 3).join('\n'));
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('File').setInputFiles(join(folder, 'cut.jsonl'));
  await dialog.getByLabel(/Tree to put it into/).fill('/cut');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await dialog.getByText('line 3: the end is missing: the file was cut off').waitFor();
  await dialog.getByLabel(/Tree to put it into/).fill('/run');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await dialog.getByText('/run is there already').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect((await client.get('/run/task')).version).toBe(3);
});

test('the page has nothing to complain about', () => {
  expect(complaints).toEqual([]);
});

test('on a phone the tree fits its width, and everything can be reached', async () => {
  const phone = await openPage(browser, broker.url, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  const narrow = phone.page;
  await narrow.locator('.node.trunk:has([title="/run/task"])').waitFor();
  await expect
    .poll(() =>
      narrow.locator('.node').evaluateAll((nodes) =>
        nodes.every((node) => {
          const { left, right } = node.getBoundingClientRect();
          return left >= 0 && right <= innerWidth;
        }),
      ),
    )
    .toBe(true);
  const sizes = await narrow
    .locator('.node-name')
    .evaluateAll((names) => names.map((name) => name.getBoundingClientRect().height));
  expect(Math.min(...sizes)).toBeGreaterThan(24);
  expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await narrow.getByRole('button', { name: 'More', exact: true }).click();
  for (const name of ['Tokens', 'Compare', 'Import', 'Colours: auto', 'Keys'])
    expect(await narrow.getByRole('button', { name }).isVisible()).toBe(true);
  await narrow.getByRole('button', { name: 'Tokens' }).click();
  await narrow.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  expect(await narrow.getByRole('button', { name: 'Tokens' }).isVisible()).toBe(false);
  // The first row is on the screen however much there is below it.
  await choose(narrow, '/');
  await narrow.getByRole('tab', { name: 'Schema' }).click();
  await narrow.getByText('No schema is about this path').waitFor();
  expect(
    await narrow.locator('.panel').evaluate((panel) => panel.getBoundingClientRect().height),
  ).toBeGreaterThan(350);
  for (const name of ['Event before', 'Play', 'Live']) {
    const box = await narrow.getByRole('button', { name, exact: true }).boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(36);
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= 390).toBe(true);
  }
  expect(phone.complaints).toEqual([]);
  await narrow.close();
});

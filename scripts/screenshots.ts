/** Takes the pictures in docs/debugger (`npm run screenshots`): the debugger's main views on a told story, in a real Chromium. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

import { openBrowser, openPage } from '../test/browser/stage.ts';
import { tellStory } from '../test/browser/story.ts';
import { startTestBroker } from '../test/support/broker.ts';
import { prepareDebugger } from './debugger-build.ts';
import { root } from './step.ts';

interface Picture {
  readonly name: string;
  readonly query: string;
  /** What has to stand in the page for the picture. */
  readonly ready: string;
  readonly options?: Parameters<Browser['newPage']>[0];
  readonly before?: (page: Page) => Promise<void>;
}

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
const desktop = { viewport: { width: 1_440, height: 900 } };

const pictures: readonly Picture[] = [
  { name: 'tree', query: '', ready: '.node.ghost' },
  { name: 'tree-dark', query: '', ready: '.node.ghost', options: { ...desktop, colorScheme: 'dark' } },
  { name: 'context', query: '?path=/session_1/summary&tab=context', ready: '.panel .difference' },
  { name: 'used-by', query: '?path=/session_1/notes/etcd&tab=used', ready: '.panel .through' },
  { name: 'fields', query: '?path=/session_1/task&tab=blame', ready: '.panel .cause' },
  {
    name: 'past',
    query: '?path=/session_1/notes/etcd&tab=diff',
    ready: '.panel .diff',
    options: { ...desktop, colorScheme: 'dark' },
    async before(page) {
      for (let at = 0; at < 8; at += 1) await page.keyboard.press('[');
      await page.locator('.connection[data-kind="past"]').waitFor();
    },
  },
  { name: 'compare', query: '?left=4&right=9', ready: '.difference' },
  {
    name: 'tokens',
    query: '',
    ready: '.node.ghost',
    async before(page) {
      await page.getByRole('button', { name: 'Tokens' }).click();
      await page.locator('.meters li').first().waitFor();
    },
  },
  { name: 'phone', query: '', ready: '.node.ghost', options: phone },
  {
    name: 'phone-value',
    query: '?path=/session_1/task',
    ready: '.panel pre',
    options: { ...phone, colorScheme: 'dark' },
  },
];

/** How long what moves takes to come to rest. */
const restMs = 1_600;

async function main(filters: readonly string[]): Promise<void> {
  const folder = join(root, 'docs', 'debugger');
  mkdirSync(folder, { recursive: true });
  await prepareDebugger();
  const [browser, broker] = await Promise.all([openBrowser(), startTestBroker()]);
  const told = await tellStory(broker.url.slice('http://'.length));
  for (const { name, query, ready, options = desktop, before } of pictures) {
    if (filters.length > 0 && !filters.includes(name)) continue;
    const { page, complaints } = await openPage(browser, broker.url + '/' + query, options);
    await page.locator(ready).first().waitFor();
    await before?.(page);
    await page.waitForTimeout(restMs);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    if (complaints.length > 0) throw new Error(`${name}: ${complaints.join('\n')}`);
    await page.close();
    console.log(`docs/debugger/${name}.png`);
  }
  await told.end();
  await browser.close();
  await broker.close();
}

await main(process.argv.slice(2));

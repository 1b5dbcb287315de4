/**
 * The debugger's page on a forest of a million nodes and a million events: how long a reader waits for it to open, for a wide node, for a
 * place far back, and for a search. Browser and broker share the machine.
 */
import type { Browser, Page } from 'playwright-core';
import { connect } from '../../clients/typescript/src/index.ts';
import { prepareDebugger } from '../../scripts/debugger-build.ts';
import { findChromium, openBrowser, openPage } from '../../test/browser/stage.ts';
import type { Absent, Case, Context, Metrics, Running } from '../harness/case.ts';
import { startBroker } from '../harness/broker.ts';

/** One child of the root in so many is a child of one wide node instead; the others are in groups. */
const wideShare = 10;
const groupSize = 1_000;
/** Publishes on their way at once. */
const inFlight = 2_000;

function pathOf(index: number): string {
  const name = `node_${String(index).padStart(7, '0')}`;
  if (index % wideShare === 0) return `/wide/${name}`;
  return `/group_${String(Math.floor(index / groupSize)).padStart(4, '0')}/${name}`;
}

/** One event a node. */
async function plant(address: string, events: number): Promise<void> {
  const client = connect(address, { author: 'planter', trackBasis: false });
  for (let first = 0; first < events; first += inFlight) {
    const count = Math.min(inFlight, events - first);
    await Promise.all(
      Array.from({ length: count }, (_, at) => client.put(pathOf(first + at), `value ${first + at}`)),
    );
  }
  await client.close();
}

async function start(context: Context): Promise<Running | Absent> {
  if (findChromium() === undefined) return { absent: 'no Chromium' };
  await prepareDebugger();
  const back = context.size(1_000_000, 4_000);
  const events = back + 1_000;
  const broker = await startBroker(context);
  await plant(broker.address, events);
  const browser = await openBrowser();
  return {
    async measure() {
      const callMs = await callAt(broker.address, events - back - 1);
      return { callMs, ...(await measure(browser, `http://${broker.address}/`, events, back)) };
    },
    async stop() {
      await browser.close();
      await broker.end();
    },
  };
}

/** What a program waits for the same: the first node of the whole tree as it was, told by the public client. */
async function callAt(address: string, revision: number): Promise<number> {
  await using client = connect(address, { author: 'reader', trackBasis: false });
  const startMs = performance.now();
  for await (const node of client.list('/', { atRevision: revision, pageSize: 100 })) {
    if (node.modifiedRevision > revision) throw new Error(`${node.path} is of ${node.modifiedRevision}`);
    return performance.now() - startMs;
  }
  throw new Error(`there is nothing at revision ${revision}`);
}

async function measure(browser: Browser, url: string, events: number, back: number): Promise<Metrics> {
  const openStart = performance.now();
  const { page, complaints } = await openPage(browser, url);
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.locator('.node-name[title="/wide"]').or(page.locator('.node.more')).first().waitFor();
  const openMs = performance.now() - openStart;
  const wideMs = await openWide(page, url);
  const [nearMs, halfMs, farMs] = [
    await goTo(page, events - 1_000),
    await goTo(page, events - Math.floor(back / 2)),
    await goTo(page, events - back),
  ];
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await page.locator('.connection[data-kind="live"]').waitFor();
  const pathMs = await search(page, `node_${String(events - 1).padStart(7, '0')}`, pathOf(events - 1));
  const valueMs = await search(page, `value ${events - 1}`, pathOf(events - 1));
  await page.close();
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return { openMs, wideMs, nearMs, halfMs, farMs, pathMs, valueMs };
}

/** From the link to a node that has a hundred thousand children until 5,000 of them are in the picture. */
async function openWide(page: Page, url: string): Promise<number> {
  await page.goto(`${url}?path=/wide`);
  await page.locator('.node-name[title="/wide"]').waitFor();
  await page.getByRole('application', { name: /Tree of nodes/ }).focus();
  const startMs = performance.now();
  await page.keyboard.press('*');
  await page.waitForFunction(
    () => Number(document.querySelector<HTMLElement>('.canvas')?.dataset['nodes'] ?? 0) > 400,
  );
  return performance.now() - startMs;
}

/** From the number of a revision until the tree of that revision stands there. */
async function goTo(page: Page, revision: number): Promise<number> {
  const field = page.getByLabel('Revision', { exact: true });
  await field.fill(String(revision));
  const startMs = performance.now();
  await field.press('Enter');
  await page.waitForFunction(
    (wanted) =>
      document.querySelector('.tree')?.getAttribute('data-travelling') === 'false' &&
      document.querySelector<HTMLInputElement>('.jump input')?.value === wanted &&
      document.querySelector('.connection')?.getAttribute('data-kind') === 'past',
    String(revision),
    { timeout: 120_000 },
  );
  return performance.now() - startMs;
}

/** From the last letter until the only hit is there, the pause in which more letters may come included. */
async function search(page: Page, text: string, path: string): Promise<number> {
  const field = page.getByLabel('Search paths and values');
  await field.fill('');
  const startMs = performance.now();
  await field.fill(text);
  await page.locator('.hits .title', { hasText: path }).waitFor({ timeout: 120_000 });
  const tookMs = performance.now() - startMs;
  await page.keyboard.press('Escape');
  return tookMs;
}

export const debuggerScaleCases: readonly Case[] = [
  {
    name: 'debugger/1m',
    about:
      "What a reader of the debugger's page waits for in a forest of 1,000,000 nodes and as many events: the page itself, a node with 100,000 children, revisions 1,000, 500,000 and 1,000,000 back, a search for a path and for a value",
    subjects: [{ name: 'page', start }],
    figures: [
      { text: 'the page opens, in ms', metric: 'openMs', of: 'page', bound: { atMost: 3_000 } },
      { text: 'a wide node opens, in ms', metric: 'wideMs', of: 'page', bound: { atMost: 1_000 } },
      {
        text: 'a revision 500,000 back, far from what is kept, stands there, in ms',
        metric: 'halfMs',
        of: 'page',
        bound: { atMost: 5_000 },
      },
      {
        text: 'a revision 1,000,000 back stands there, in ms',
        metric: 'farMs',
        of: 'page',
        bound: { atMost: 5_000 },
      },
      {
        text: 'the state 1,000,001 revisions back answers a client, in ms',
        metric: 'callMs',
        of: 'page',
        bound: { atMost: 5_000 },
      },
    ],
    rounds: 3,
  },
];

/** The debugger's page: how long its frames take while a forest is busy. Browser, broker and writer share the machine. */
import type { Page } from 'playwright-core';
import { connect, operation, type Client } from '../../clients/typescript/src/index.ts';
import { prepareDebugger } from '../../scripts/debugger-build.ts';
import { findChromium, openBrowser, openPage } from '../../test/browser/stage.ts';
import type { Absent, Case, Context, Metrics, Running, Subject } from '../harness/case.ts';
import { startBroker } from '../harness/broker.ts';
import { percentile } from '../harness/samples.ts';

/** Nodes that are open, in groups of this many. */
const groupSize = 100;
const eventsASecond = 1_000;
/** Writes go out in small bursts, as those of many agents would. */
const burstMs = 10;

interface View {
  /** Keys that bring the page there; the tree has the focus. */
  readonly keys: readonly string[];
  readonly isBusy: boolean;
}

function subject(name: string, view: View): Subject {
  return { name, start: (context) => start(context, view) };
}

async function start(context: Context, view: View): Promise<Running | Absent> {
  if (findChromium() === undefined) return { absent: 'no Chromium' };
  await prepareDebugger();
  const broker = await startBroker(context);
  const client = connect(broker.address, { author: 'writer', trackBasis: false });
  const nodes = context.size(5_000, 300);
  await plant(client, nodes);
  const browser = await openBrowser();
  const { page } = await openPage(browser, `http://${broker.address}/`);
  await page.locator('.connection[data-kind="live"]').waitFor();
  await page.getByRole('application', { name: /Tree of nodes/ }).focus();
  for (const key of ['Home', '*']) await page.keyboard.press(key);
  await page.waitForFunction(
    (wanted) => Number(document.querySelector<HTMLElement>('.canvas')?.dataset['nodes'] ?? 0) > wanted,
    nodes,
  );
  for (const key of view.keys) await page.keyboard.press(key);
  const ms = context.size(5_000, 400);
  return {
    measure: () => measure(page, client, { nodes, ms, isBusy: view.isBusy }),
    async stop() {
      await browser.close();
      client.destroy();
      await broker.end();
    },
  };
}

async function plant(client: Client, nodes: number): Promise<void> {
  for (let at = 0; at < nodes; at += groupSize)
    await client.publish(
      Array.from({ length: groupSize }, (_, of) => operation.put(pathOf(at + of), 'x'.repeat(200))),
    );
}

function pathOf(index: number): string {
  const group = String(Math.floor(index / groupSize)).padStart(2, '0');
  return `/group_${group}/node_${String(index).padStart(4, '0')}`;
}

interface Load {
  readonly nodes: number;
  readonly ms: number;
  readonly isBusy: boolean;
}

async function measure(page: Page, client: Client, { nodes, ms, isBusy }: Load): Promise<Metrics> {
  const writing = new AbortController();
  const written = isBusy ? write(client, nodes, writing.signal) : Promise.resolve(0);
  const startMs = performance.now();
  const frames = await page.evaluate(framesFor, ms);
  writing.abort();
  const perSecond = (await written) / ((performance.now() - startMs) / 1_000);
  return {
    frameMs: percentile(frames, 0.5),
    p95FrameMs: percentile(frames, 0.95),
    eventsPerSecond: perSecond,
  };
}

/** Changes nodes all over the tree until told to stop; how many events that made. */
async function write(client: Client, nodes: number, signal: AbortSignal): Promise<number> {
  let count = 0;
  const startMs = performance.now();
  while (!signal.aborted) {
    const due = ((performance.now() - startMs) / 1_000) * eventsASecond;
    const burst: Promise<unknown>[] = [];
    for (; count < due; count += 1)
      burst.push(client.put(pathOf((count * 7_919) % nodes), `change ${count}`));
    await Promise.all(burst);
    await new Promise((resolve) => setTimeout(resolve, burstMs));
  }
  return count;
}

/** In the page: the time from frame to frame. */
function framesFor(ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const frames: number[] = [];
    const startMs = performance.now();
    let beforeMs = startMs;
    const next = (): void => {
      const nowMs = performance.now();
      frames.push(nowMs - beforeMs);
      beforeMs = nowMs;
      if (nowMs - startMs > ms) resolve(frames);
      else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

export const debuggerCases: readonly Case[] = [
  {
    name: 'debugger/frames',
    about: `Time from frame to frame of the debugger's page with 5,000 nodes open, at rest and while ${eventsASecond} events a second arrive`,
    subjects: [
      subject('at rest', { keys: [], isBusy: false }),
      subject('busy, names to be read', { keys: [], isBusy: true }),
      subject('busy, from far off', { keys: ['0'], isBusy: true }),
    ],
    figures: [
      {
        text: 'median frame while events arrive, names to be read, in ms',
        metric: 'frameMs',
        of: 'busy, names to be read',
        bound: { atMost: 16.7 },
      },
      {
        text: 'median frame while events arrive, from far off, in ms',
        metric: 'frameMs',
        of: 'busy, from far off',
        bound: { atMost: 16.7 },
      },
    ],
    rounds: 3,
  },
];

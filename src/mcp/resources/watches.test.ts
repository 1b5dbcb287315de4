/**
 * Goal: a watch that breaks off is begun anew, less and less often, and one for which there is no hope is forgotten. Method: a stand-in for the broker's
 * subscriptions, and a clock that a test moves.
 */
import { expect, it } from 'vitest';

import { ManualClock } from '../../../test/support/manual-clock.ts';
import { mcpUpdateGapMs, mcpWatchRetryMsMax, mcpWatchRetryMsMin } from '../../base/limits.ts';
import {
  HyperloomError,
  type Client,
  type Code,
  type SubscriptionItem,
} from '../../../clients/typescript/src/index.ts';
import { Watches } from './watches.ts';

const uri = 'hyperloom://default/x';
const bookmark: SubscriptionItem = { kind: 'bookmark', revision: 1, position: 1 };

class StandIn {
  readonly clock = new ManualClock();
  readonly errors: unknown[] = [];
  /** What each subscription yields, and why it ends then; the last one is repeated. */
  readonly streams: { readonly items: readonly SubscriptionItem[]; readonly end: Error }[] = [];
  begun = 0;
  heard = 0;
  readonly watches = new Watches(
    () => this.#client,
    this.clock,
    (error) => void this.errors.push(error),
  );

  listen(): () => void {
    return this.watches.watch(uri, () => (this.heard += 1));
  }

  async pass(forMs: number): Promise<void> {
    this.clock.advance(forMs);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async *#subscribe(): AsyncGenerator<SubscriptionItem> {
    const stream = this.streams[Math.min(this.begun, this.streams.length - 1)];
    this.begun += 1;
    if (stream === undefined) return;
    yield* stream.items;
    throw stream.end;
  }

  /** What is watched with, and no more. */
  get #client(): Client {
    return { as: () => ({ subscribe: () => this.#subscribe() }) } as unknown as Client;
  }
}

function refusal(code: Code, reason: string): HyperloomError {
  const nothing = { metadata: {}, violations: [], conflicts: [], conflictsTotal: 0, circle: [] };
  return new HyperloomError({ code, reason, message: `refused: ${reason}`, ...nothing });
}

it('is begun anew after twice as long each time, up to a bound, and tells of nothing meanwhile', async () => {
  const broker = new StandIn();
  broker.streams.push({ items: [], end: refusal('NOT_FOUND', 'FOREST_NOT_FOUND') });
  broker.listen();
  await broker.pass(0);
  for (const [index, delayMs] of [1, 2, 4, 8].map((times) => times * mcpWatchRetryMsMin).entries()) {
    await broker.pass(delayMs - 1);
    expect(broker.begun).toBe(index + 1);
    await broker.pass(1);
    expect(broker.begun).toBe(index + 2);
  }
  for (let turn = 0; turn < 3; turn += 1) {
    await broker.pass(mcpWatchRetryMsMax);
    expect(broker.begun).toBe(turn + 6);
  }
  expect({ heard: broker.heard, errors: broker.errors }).toEqual({ heard: 0, errors: [] });
});

it('tells once that something may have changed when it goes on, and waits the shortest time again', async () => {
  const broker = new StandIn();
  const ended = refusal('UNAUTHENTICATED', 'CREDENTIALS_REFUSED');
  for (const items of [[bookmark], [], [bookmark, bookmark]]) broker.streams.push({ items, end: ended });
  broker.listen();
  await broker.pass(0);
  expect(broker.heard).toBe(0);
  await broker.pass(mcpWatchRetryMsMin);
  await broker.pass(2 * mcpWatchRetryMsMin);
  await broker.pass(mcpUpdateGapMs);
  expect({ begun: broker.begun, heard: broker.heard }).toEqual({ begun: 3, heard: 1 });
  await broker.pass(mcpWatchRetryMsMin);
  expect(broker.begun).toBe(4);
});

it('is tried at once when somebody else begins to watch, and no more when nobody does', async () => {
  const broker = new StandIn();
  broker.streams.push({ items: [], end: refusal('NOT_FOUND', 'FOREST_NOT_FOUND') });
  const stops = [broker.listen()];
  await broker.pass(0);
  stops.push(broker.listen());
  await broker.pass(0);
  expect(broker.begun).toBe(2);
  for (const stop of stops) stop();
  await broker.pass(mcpWatchRetryMsMax);
  expect(broker.begun).toBe(2);
});

it.each([
  { why: 'the path is none', end: refusal('INVALID_ARGUMENT', '') },
  { why: 'of a mistake, which is told', end: new TypeError('a mistake') },
])('is given up where $why, and begun by whoever watches next', async ({ end }) => {
  const broker = new StandIn();
  broker.streams.push({ items: [], end });
  broker.listen();
  await broker.pass(0);
  await broker.pass(mcpWatchRetryMsMax);
  expect(broker.begun).toBe(1);
  expect(broker.errors).toEqual(end instanceof HyperloomError ? [] : [end]);
  broker.listen();
  await broker.pass(0);
  expect(broker.begun).toBe(2);
});

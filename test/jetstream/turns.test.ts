/**
 * Goal: of two moves of one name to the same streams one brings its forest whole, and the other is told so and changes nothing. Method: both begin at the same
 * moment, from data folders that real brokers have filled; then turns alone: whose it is, and when it is free again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveForest } from '../../src/moving/move.ts';
import type { Moved } from '../../src/moving/move.ts';
import { putText, startTestBroker } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { looking } from './looking.ts';
import { NatsCluster } from './nats-server.ts';
import { connectPatiently } from './patience.ts';

let nats: NatsCluster;
let folder: string;

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-turns-'));
});
afterAll(async () => {
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

/** Works on a broker on a data folder, or on streams. */
async function at<T>(place: string, work: (clients: TestClients) => Promise<T>): Promise<T> {
  const where = place.startsWith('nats://') ? { journal: place } : { journal: 'embedded', data: place };
  const broker = await startTestBroker({ settings: where, logLevel: 'error' });
  const clients = connectPatiently(broker.url);
  try {
    return await work(clients);
  } finally {
    clients.cut();
    await broker.close();
    expect(broker.fatal).toEqual([]);
  }
}

function move(forest: string, from: string, to: string, leftMsMax = 120_000): Promise<Moved> {
  return moveForest({ forest, from, to, removesSource: true, leftMsMax, onBytes: () => undefined });
}

test.each(['default', 'runs'])(
  'of two moves of a forest %s the second one changes nothing',
  async (forest) => {
    const places = [join(folder, `first-${forest}`), join(folder, `second-${forest}`)];
    const address = nats.address(`prefix=TWO${forest.toUpperCase()}`);
    for (const place of places)
      await at(place, async ({ context, forests }) => {
        if (forest !== 'default') await forests.createForest({ name: forest });
        await context.publish({ forest, operations: [putText('/from', place)] });
      });
    const ends = await Promise.allSettled(places.map((place) => move(forest, place, address, 0)));
    const first = ends.findIndex(({ status }) => status === 'fulfilled');
    const [brought = '', kept = ''] = [places[first], places[1 - first]];
    const message = expect.stringMatching(/is being moved|has a forest/) as string;
    expect(ends[1 - first]).toMatchObject({ reason: { name: 'Stopped', ending: 'conflict', message } });
    await expect(move(forest, kept, address)).rejects.toThrow(/has a forest/);
    const fromOf = (place: string): Promise<unknown> =>
      at(place, async ({ context }) => {
        const { node } = await context.get({ forest, path: '/from' });
        return node?.value?.kind.value;
      });
    expect(await fromOf(address)).toBe(brought);
    expect(await fromOf(kept)).toBe(kept);
  },
);

test('whoever stood still for too long while it was its turn does not go on', () =>
  looking(nats.address('prefix=TURN'), async (streams) => {
    await streams.openLog('FORESTS');
    const first = await streams.takeTurn('FORESTS', 'move-a', 0);
    expect(await first?.isHeld()).toBe(true);
    expect(await streams.takeTurn('FORESTS', 'move-a', 0)).toBe(null);
    const other = await streams.takeTurn('FORESTS', 'move-b', 0);
    expect(await other?.isHeld()).toBe(true);
    await first?.end();
    const second = await streams.takeTurn('FORESTS', 'move-a', 0);
    expect(await first?.isHeld()).toBe(false);
    // What it finds then is not its own to end.
    await first?.end();
    expect(await second?.isHeld()).toBe(true);
  }));

test('a turn of a process that has gone is free some seconds later', () =>
  looking(nats.address('prefix=GONE'), async (streams) => {
    await streams.openLog('FORESTS');
    await looking(nats.address('prefix=GONE'), async (gone) => {
      expect(await (await gone.takeTurn('FORESTS', 'move-a', 0))?.isHeld()).toBe(true);
    });
    expect(await streams.takeTurn('FORESTS', 'move-a', 0)).toBe(null);
    expect(await (await streams.takeTurn('FORESTS', 'move-a', 120_000))?.isHeld()).toBe(true);
  }));

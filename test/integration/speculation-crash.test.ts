/**
 * Goal: work that is known from its beginning lives through crashes of the broker, whatever of it they take and wherever that comes to light, but not
 * through any number of them. Method: a broker that is killed in the middle of the work and started again on what its disk held at an earlier moment, since
 * when nothing was written to the trunk: what happens in a ghost is told before it is on the disk. That all SDKs do the same is told by the scenarios in
 * `clients/conformance`.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import {
  connect,
  GhostInterruptedError,
  NotFoundError,
  type Client,
  type Ghost,
  type Speculation,
} from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';

let folder: string;
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-speculation-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address, { author: 'worker', timeoutMs: 60_000 });
});

afterAll(async () => {
  await client.close();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Keeps what the disk holds now. What it gives is a crash that takes all that came later. */
async function crashToHere(): Promise<() => Promise<void>> {
  // The trunk is told when it is durable, and with it all that was done before.
  await client.put('/durable', 'so far');
  const [data, kept] = [join(folder, 'data'), join(folder, 'kept')];
  await rm(kept, { recursive: true, force: true });
  await cp(data, kept, { recursive: true });
  return async () => {
    await broker.stop('SIGKILL');
    await rm(data, { recursive: true });
    await cp(kept, data, { recursive: true });
    await broker.start();
  };
}

it('an attempt that a crash takes is done again, and told as the one that it is, but not after a fourth crash', async () => {
  const numbers: number[] = [];
  const speculating = client.speculate({
    work: async (ghost, { number }) => {
      numbers.push(number);
      await ghost.put('/work', 'begun');
      const crash = await crashToHere();
      await ghost.put('/work', 'done');
      await crash();
      await ghost.put('/more', 'done');
    },
  });
  await expect(speculating).rejects.toThrow(GhostInterruptedError);
  expect(numbers).toEqual([1, 1, 1, 1]);
  expect(await client.find('/work')).toBeUndefined();
  expect(await client.ghosts('live').all()).toEqual([]);
});

/** Crashes the first time that it is called, and says whether it has. */
type Crash = () => Promise<boolean>;
type Story = Pick<Speculation<void>, 'work' | 'verify'>;
const put = (ghost: Ghost): Promise<unknown> => ghost.put('/work', 'done');

it.each<{ where: string; attempts?: number; story: (crash: Crash) => Story }>([
  {
    where: 'a write',
    story: (crash) => ({
      work: async (ghost) => {
        await crash();
        await put(ghost);
      },
    }),
  },
  {
    where: 'a sign of life',
    story: (crash) => ({
      work: async (ghost) => {
        if (await crash()) await vi.waitFor(() => expect(ghost.over).toBe(true), { timeout: 60_000 });
        await put(ghost);
      },
    }),
  },
  {
    where: 'the verifier',
    story: (crash) => ({
      work: async (ghost) => void (await put(ghost)),
      verify: async (ghost) => {
        await crash();
        return (await ghost.get('/work')).value === 'done';
      },
    }),
  },
  {
    where: 'the way back of what was refused',
    attempts: 2,
    story: (crash) => ({
      work: async (ghost) => void (await put(ghost)),
      verify: async (_ghost) => !(await crash()),
    }),
  },
])('a ghost whose beginning is lost is noticed in $where, and the work begins anew', async (given) => {
  const crash = await crashToHere();
  let isFirst = true;
  const once = async (): Promise<boolean> => {
    if (!isFirst) return false;
    isFirst = false;
    await crash();
    return true;
  };
  const done = await client.speculate({ ...given.story(once), ttlMs: 15_000 });
  expect(done.attempts).toBe(given.attempts ?? 1);
  expect((await client.get('/work')).value).toBe('done');
  await client.delete('/work');
});

it('an error about another ghost is the work’s own', async () => {
  let times = 0;
  const speculating = client.speculate({
    work: async () => {
      times += 1;
      await client.attach('nobody');
    },
  });
  await expect(speculating).rejects.toThrow(NotFoundError);
  expect(times).toBe(1);
});

/**
 * Goal: guarantees 3 and 4 for the real thing: what was acknowledged survives `kill -9`, and nothing is applied twice.
 * Method: a real broker under a pipelined load is killed 50 times and started again on its data. The client resends what
 * had no outcome under the same request ids. Every publish is an append of a token of its own and an increment, so what
 * is lost or doubled shows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect, operation } from '../../clients/typescript/src/index.ts';
import { seededRandom } from '../../src/base/random.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const kills = 50;
const seed = 7;

test(`a broker killed ${kills} times under load (seed ${seed}) has every acknowledged publish, each once`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-kill-'));
  const broker = new BrokerProcess(join(folder, 'data'), ['--snapshot-journal-bytes', '200000']);
  const random = seededRandom(seed);
  await broker.start();
  const client = connect(broker.address, { author: 'writer' });
  const acknowledged: string[] = [];
  const failed: unknown[] = [];
  let published = 0;
  try {
    for (let round = 0; round < kills; round += 1) {
      const target = acknowledged.length + 20 + random.below(200);
      const reached = new Promise<void>((resolve) => {
        const next = (): void => {
          const token = `t${published++}`;
          const diff = [
            operation.append('/tokens', [token]),
            operation.increment('/count', 1),
            operation.put(`/by/${token}`, token),
          ];
          void client.publish(diff).then(
            () => {
              acknowledged.push(token);
              if (acknowledged.length >= target) resolve();
              else next();
            },
            (error: unknown) => {
              failed.push(error);
              resolve();
            },
          );
        };
        for (let inFlight = 0; inFlight < 50; inFlight += 1) next();
      });
      await reached;
      await broker.stop('SIGKILL');
      await broker.start();
    }
    expect(failed).toEqual([]);
    // What was in flight at the last kill is resent; a publish behind it is acknowledged behind it.
    await client.put('/end', 'x');
    const tokens = (await client.get('/tokens')).value as string[];
    expect(new Set(tokens).size).toBe(tokens.length);
    const present = new Set(tokens);
    expect(acknowledged.filter((token) => !present.has(token))).toEqual([]);
    expect((await client.get('/count')).value).toBe(tokens.length);
    const keys: string[] = [];
    for await (const { path } of client.list('/by')) keys.push(path.slice('/by/'.length));
    expect(new Set(keys)).toEqual(present);
    expect(acknowledged.length).toBeGreaterThan(kills * 20);
  } finally {
    await client[Symbol.asyncDispose]();
    await broker.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}, 300_000);

test('a broker that is told to stop ends with 0 and starts again with everything', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-term-'));
  const broker = new BrokerProcess(join(folder, 'data'));
  try {
    await broker.start();
    const client = connect(broker.address, { author: 'writer' });
    await client.put('/a', 'x');
    await client[Symbol.asyncDispose]();
    expect(await broker.stop('SIGTERM')).toBe(0);
    await broker.start();
    const again = connect(broker.address, { author: 'reader' });
    expect((await again.get('/a')).value).toBe('x');
    await again[Symbol.asyncDispose]();
  } finally {
    await broker.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

test('a second broker on the same data folder is refused and says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-second-'));
  const data = join(folder, 'data');
  const [first, second] = [new BrokerProcess(data), new BrokerProcess(data)];
  try {
    await first.start();
    await expect(second.start()).rejects.toThrow(/another broker works on/);
  } finally {
    await first.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

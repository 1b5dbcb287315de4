/**
 * Goal: a stream of a real NATS server keeps the contract of agreed logs, through a server's death as well; and what NATS could lose is noticed at
 * the start. Method: `nats-server` as a process, killed and started again on its data.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { describeAgreedLog, entries } from '../../src/journal/agreed-contract.ts';
import type { AgreedLog } from '../../src/journal/agreed-log.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import type { Finding } from '../../src/journal/jetstream/start-checks.ts';
import { NatsCluster } from './nats-server.ts';

let nats: NatsCluster;
beforeAll(async () => {
  nats = await NatsCluster.start();
});
afterAll(async () => {
  await nats.close();
});

let prefixes = 0;

describeAgreedLog('JetStream', async () => {
  prefixes += 1;
  const ends: JetStream[] = [];
  return {
    async join() {
      const end = await connect(nats, `prefix=CONTRACT${prefixes}`);
      ends.push(end.jetStream);
      return end.log;
    },
    async dispose() {
      for (const end of ends) await end.close();
    },
  };
});

describe('a stream', () => {
  test('goes on by itself after its server was killed, and loses and doubles nothing', async () => {
    const { jetStream, log } = await connect(nats, 'prefix=KILLED');
    const count = 300;
    const seen = entries(log, 1, count);
    const [server] = nats.servers;
    const appended: Promise<number>[] = [];
    for (let index = 0; index < count; index += 1) {
      appended.push(log.append(`a-${index}`, Uint8Array.of(index >> 8, index & 255)));
      if (index % 20 === 19) await appended.at(-1);
      if (index === 150) {
        await server?.end();
        await server?.start();
      }
    }
    const sequences = await Promise.all(appended);
    const payloads = (await seen).map(({ payload }) => ((payload[0] ?? 0) << 8) | (payload[1] ?? 0));
    expect(sequences.map((sequence) => payloads[sequence - 1])).toEqual(sequences.map((_, index) => index));
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences.map((_, index) => index + 1));
    await log.close();
    await jetStream.close();
  });

  test('is looked at before it is trusted', async () => {
    const { found, jetStream, log } = await connect(nats, 'prefix=LOOKED');
    expect(found.map(({ kind, mend }) => `${kind} ${mend}`)).toEqual([
      'unknown jetstream { sync_interval: always }',
    ]);
    await log.close();
    await jetStream.close();
    await expect(connect(nats, 'prefix=LOOKED&replicas=3')).rejects.toThrow(
      /stored by 1 of the 3 .*nats stream edit LOOKED_default --replicas=3/,
    );
    const warned = await connect(nats, 'prefix=LOOKED&replicas=3&checks=warn');
    expect(warned.found.map(({ kind }) => kind)).toEqual(['lossy', 'unknown']);
    await warned.jetStream.close();
    await expect(connect(nats, 'prefix=THREE&replicas=3')).rejects.toThrow(/cannot be made with 3 replicas/);
  });

  test('of a server that syncs now and then is refused, where that can be seen', async () => {
    const lazy = await NatsCluster.start(1, { syncs: false });
    const monitor = ({ servers }: NatsCluster): string =>
      `monitor=http://127.0.0.1:${servers[0]?.monitorPort}`;
    try {
      await expect(connect(lazy, monitor(lazy))).rejects.toThrow(
        /n1 syncs its files now and then only.*sync_interval: always/,
      );
      const { jetStream, found } = await connect(lazy, `${monitor(lazy)}&checks=warn`);
      expect(found.map(({ kind }) => kind)).toEqual(['lossy']);
      await jetStream.close();
    } finally {
      await lazy.close();
    }
    const careful = await connect(nats, `prefix=CAREFUL&${monitor(nats)}`);
    expect(careful.found).toEqual([]);
    await careful.jetStream.close();
    await expect(connect(nats, 'monitor=http://127.0.0.1:1')).rejects.toThrow(/does not tell of its server/);
  });

  test('is not there where NATS is not', async () => {
    await expect(connectTo('nats://127.0.0.1:1')).rejects.toThrow(
      /NATS at 127\.0\.0\.1:1 cannot be worked with/,
    );
  });
});

interface End {
  readonly jetStream: JetStream;
  readonly log: AgreedLog;
  readonly found: readonly Finding[];
}

function connect(cluster: NatsCluster, query: string): Promise<End> {
  return connectTo(cluster.address(query));
}

async function connectTo(address: string): Promise<End> {
  const found: Finding[] = [];
  const tell = (finding: Finding): void => void found.push(finding);
  const jetStream = await JetStream.connect(parseJetStreamAddress(address), systemClock, tell);
  try {
    return { jetStream, log: await jetStream.openLog('default'), found };
  } catch (error) {
    await jetStream.close();
    throw error;
  }
}

/**
 * Goal: a rolling upgrade. Brokers of two versions on one stream agree, the newer one waits with what the older does not know until that is gone, and
 * an older one that was missed, or comes again, stops and says why. Method: real brokers, some of which pretend to be of a version that is not
 * there yet (`next-version.ts`); the stream is looked at from outside.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { decodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { agreedFormat } from '../../src/codec/agreed-format.ts';
import type { FormatWord } from '../../src/codec/agreed-format.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, putText, refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { NatsCluster } from './nats-server.ts';
import { connectPatiently } from './patience.ts';

const nextVersion = fileURLToPath(new URL('next-version.ts', import.meta.url));
const prefix = 'VERSIONS';
const next = agreedFormat + 1;
const tooOld = new RegExp(`format ${next}.*knows ${agreedFormat}.*Bring it up`);
let nats: NatsCluster;
let folder: string;
const running: Running[] = [];

interface Running {
  readonly broker: BrokerProcess;
  readonly clients: TestClients;
}

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-versions-'));
});
afterEach(async () => {
  for (const { broker, clients } of running.splice(0)) {
    clients.cut();
    await broker.stop('SIGKILL');
  }
});
afterAll(async () => {
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(version: 'this' | 'next'): Promise<Running> {
  const options = ['--journal', nats.address(`prefix=${prefix}`), '--log-level', 'warn'];
  const launch = version === 'next' ? { nodeArguments: ['--import', nextVersion] } : {};
  const broker = new BrokerProcess(join(folder, `${running.length}`), options, launch);
  await broker.start();
  const started = { broker, clients: connectPatiently(`http://${broker.address}`) };
  running.push(started);
  return started;
}

/** Resolves when so many entries have said something of formats. */
async function heard(isIt: (word: FormatWord) => boolean, count: number): Promise<void> {
  const address = parseJetStreamAddress(nats.address(`prefix=${prefix}`));
  const jetStream = await JetStream.connect(address, systemClock, () => undefined);
  try {
    const log = await jetStream.openLog('default');
    let found = 0;
    for await (const { payload } of log.follow(1)) {
      const { formats } = decodeAgreedEntry(payload, next);
      if (formats !== null && isIt(formats)) found += 1;
      if (found >= count) return;
    }
  } finally {
    await jetStream.close();
  }
}

async function hashOf({ clients: { context, forests } }: Running): Promise<string> {
  await context.listGhosts({});
  const { stateHash, stateHashPosition } = await forests.getStatus({ includeStateHash: true });
  return `${stateHash} at ${stateHashPosition}`;
}

test('brokers are brought up to another version one after the other', async () => {
  const stopped = await start('this');
  const still = await start('this');
  const ahead = await start('next');
  for (const [index, { clients }] of [stopped, still, ahead].entries())
    await clients.context.publish({ operations: [putText('/a', `${index}`)] });
  await heard(({ knows }) => knows === agreedFormat, 2);
  const once = connectClients(`http://${ahead.broker.address}`);
  const refused = await refusalOf(once.forests.compact({ revision: 1n }));
  once.cut();
  expect(refused).toMatchObject({ code: 'Unavailable', reason: 'JOURNAL_UNAVAILABLE' });
  expect(new Set([await hashOf(stopped), await hashOf(still), await hashOf(ahead)]).size).toBe(1);

  stopped.clients.cut();
  await stopped.broker.stop('SIGTERM');
  process.kill(still.broker.pid, 'SIGSTOP');
  await heard(({ raises }) => raises === next, 1);
  // Who is answered has seen that.
  await ahead.clients.context.publish({ operations: [putText('/a', 'raised')] });
  const { compactedRevision } = await ahead.clients.forests.compact({ revision: 2n });
  expect(compactedRevision).toBe(2n);

  const ended = still.broker.ended();
  process.kill(still.broker.pid, 'SIGCONT');
  expect(await ended).toBe(1);
  expect(still.broker.errors).toMatch(/older than those that it shares its journal with/);
  expect(still.broker.errors).toMatch(tooOld);
  await expect(stopped.broker.start()).rejects.toThrow(tooOld);
  const late = await start('next');
  expect(await hashOf(late)).toBe(await hashOf(ahead));
});

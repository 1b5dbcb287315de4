/**
 * Goal: a rolling upgrade. Brokers of two versions on one stream agree, the newer one waits with what the older does not know until that is gone, and
 * an older one that was missed, or comes again, stops and says why. Method: real brokers, some of which pretend to be of a version that is not
 * there yet (`next-version.ts`); the stream is looked at from outside.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { agreedFormat } from '../../src/codec/agreed-format.ts';
import type { FormatWord } from '../../src/codec/agreed-format.ts';
import { connectClients, putText, refusalOf } from '../support/broker.ts';
import { BrokersOnNats, hashOf } from './brokers-on-nats.ts';
import type { BrokerOnNats } from './brokers-on-nats.ts';

const nextVersion = fileURLToPath(new URL('next-version.ts', import.meta.url));
const prefix = 'VERSIONS';
const next = agreedFormat + 1;
const tooOld = new RegExp(`format ${next}.*knows ${agreedFormat}.*Bring it up`);
const on = new BrokersOnNats('versions');

function start(version: 'this' | 'next'): Promise<BrokerOnNats> {
  return on.start(prefix, [], version === 'next' ? { nodeArguments: ['--import', nextVersion] } : {});
}

/** Resolves when so many entries have said something of formats. */
function heard(isIt: (word: FormatWord) => boolean, count: number): Promise<void> {
  return on.looking(prefix, async (jetStream) => {
    const log = await jetStream.openLog('default');
    let found = 0;
    for await (const { payload } of log.follow(1)) {
      const { formats } = decodeAgreedEntry(payload, next);
      if (formats !== null && isIt(formats)) found += 1;
      if (found >= count) return;
    }
  });
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

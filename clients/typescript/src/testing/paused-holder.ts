/**
 * A program that holds a lock and, when it is told to, writes in every way there is: through the lock, and past the client's own checks with
 * the token that it had. Prints a JSON line for each: what it did, and what came of it.
 */
import { createInterface } from 'node:readline';
import { connect, operation, type FenceOptions } from '../index.ts';

const [address = ''] = process.argv.slice(2);
const client = connect(address, { author: 'sleeper' });
const lock = await client.lock('/tree/paused', { ttlMs: 1_000 });
const { revision } = await lock.put('/tree/paused/a', 'mine');
const outside = await client.ghost();
await outside.put('/tree/paused/staged', 1, { fencingTokens: [lock.fencingToken] });
const within = await lock.ghost();
await within.put('/tree/paused/staged', 2);
console.log('holding');

const fence: FenceOptions = { fencingTokens: [lock.fencingToken] };
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'put through the lock': () => lock.put('/tree/paused/a', 'late'),
  'put in its ghost': () => within.put('/tree/paused/a', 'late'),
  'commit of its ghost': () => within.commit(),
  'put with the token': () => client.put('/tree/paused/a', 'late', fence),
  'put elsewhere with the token': () => client.put('/elsewhere', 'late', fence),
  'append with the token': () => client.append('/tree/paused/list', ['late'], fence),
  'copy with the token': () => client.copy('/tree/paused/a', '/tree/paused/b', 0, fence),
  'delete of an ancestor with the token': () => client.delete('/tree', 'subtree', fence),
  'waiting put with the token': () => client.put('/tree/paused/a', 'late', { ...fence, lockWaitMs: 100 }),
  'diff in a ghost with the token': () => outside.publish([operation.put('/tree/paused/a', 'late')], fence),
  'commit of a ghost with the token': () => outside.commit(fence),
  'revert of a revision with the token': () => client.revertRevision(revision, 'late', fence),
  'put without a token': () => client.put('/tree/paused/a', 'late'),
  'commit of a ghost without a token': () => outside.commit(),
};

for await (const line of createInterface(process.stdin)) {
  if (line !== 'write') break;
  for (const [way, write] of Object.entries(ways)) {
    const came = await write().then(
      () => 'written',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
    console.log(JSON.stringify([way, came]));
  }
  console.log(JSON.stringify(['its signal', (lock.signal.reason as Error | undefined)?.name ?? 'nothing']));
  console.log('done');
}
client.destroy();

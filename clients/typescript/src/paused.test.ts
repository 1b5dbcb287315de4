/**
 * Goal: a holder that stood still past its ttl can damage nothing when it wakes up, whichever way it writes, and learns of its loss.
 * Method: a process that holds a lock is stopped by SIGSTOP until another client has got the lock, and then told to write.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { connect } from './index.ts';
import { Broker } from './testing/broker.ts';

test('a paused holder damages nothing', async () => {
  await using broker = await Broker.start();
  const script = join(import.meta.dirname, 'testing/paused-holder.ts');
  const sleeper = spawn(process.execPath, [script, broker.address], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(sleeper, 'exit');
  const lines = createInterface(sleeper.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('holding');
  sleeper.kill('SIGSTOP');

  const client = connect(broker.address, { author: 'heir' });
  const lock = await client.lock('/tree/paused', { waitMs: 10_000 });
  const before = await client.list('/', { depth: 0, keysOnly: true }).all();
  sleeper.kill('SIGCONT');
  sleeper.stdin.write('write\n');
  const came: (readonly [string, string])[] = [];
  for (
    let line = String((await lines.next()).value);
    line !== 'done';
    line = String((await lines.next()).value)
  ) {
    came.push(JSON.parse(line) as [string, string]);
  }
  expect(Object.fromEntries(came)).toEqual({
    'put through the lock': 'LeaseLostError',
    'put in its ghost': 'LeaseLostError',
    'commit of its ghost': 'LeaseLostError',
    'put with the token': 'StaleFencingTokenError',
    'put elsewhere with the token': 'StaleFencingTokenError',
    'append with the token': 'StaleFencingTokenError',
    'copy with the token': 'StaleFencingTokenError',
    'delete of an ancestor with the token': 'StaleFencingTokenError',
    'waiting put with the token': 'StaleFencingTokenError',
    'diff in a ghost with the token': 'StaleFencingTokenError',
    'commit of a ghost with the token': 'StaleFencingTokenError',
    'revert of a revision with the token': 'StaleFencingTokenError',
    'put without a token': 'LockedError',
    'commit of a ghost without a token': 'LockedError',
    'its signal': 'LeaseLostError',
  });
  expect(await client.list('/', { depth: 0, keysOnly: true }).all()).toEqual(before);
  await lock.put('/tree/paused/a', 'the heir');
  expect((await client.get('/tree/paused/a')).value).toBe('the heir');
  sleeper.stdin.end();
  await ended;
  await lock.release();
  client.destroy();
});

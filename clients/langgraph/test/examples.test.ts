/** Goal: the examples run as they stand. Method: each in a process of its own, against a real broker. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Broker } from './support/broker.ts';

async function run(example: string, address: string): Promise<readonly string[]> {
  const program = join(import.meta.dirname, '../examples', example);
  const hooks = join(import.meta.dirname, 'support/resolve.ts');
  const env = { ...process.env, HYPERLOOM_ADDRESS: address };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', hooks, program], {
    env,
  });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

test('a conversation goes on in the next run of the program', async () => {
  await using broker = await Broker.start();
  const first = await run('conversation.ts', broker.address);
  expect(first.slice(0, 4)).toEqual([
    'human: What about etcd?',
    'ai: etcd keeps its keys sorted.',
    'human: And Redis?',
    'ai: Redis keeps them in memory.',
  ]);
  expect(first.slice(4)).toEqual([
    'before the last answer there were 3 messages',
    'answered anew: etcd keeps its keys sorted.',
  ]);
  const second = await run('conversation.ts', broker.address);
  expect(second).toHaveLength(10);
});

/**
 * A client process that holds `/paused/locked` under a short lease which it keeps alive: URL. Says so when it has the
 * lock; for each line on standard input it tries every way to write there and prints what came of it.
 */
import { createInterface } from 'node:readline';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { connectClients } from './broker.ts';
import { fencedPaths } from './fenced-paths.ts';
import type { Write } from './fenced-paths.ts';

const { context, locks } = connectClients(process.argv[2] ?? '');
const prepareAll = (): Promise<(readonly [string, Write])[]> =>
  Promise.all(
    Object.entries(fencedPaths).map(
      async ([name, prepare]) => [name, await prepare(context, 'paused')] as const,
    ),
  );
// One for each line: what is committed cannot be committed again.
const rounds = [await prepareAll(), await prepareAll()];
const { lock, lease } = await locks.acquireLock({
  owner: { case: 'ttl', value: { seconds: 1n } },
  targets: [{ path: '/paused/locked', mode: LockMode.EXCLUSIVE }],
  author: 'paused',
});
setInterval(() => {
  void context.keepAlive({ leaseIds: [lease?.id ?? ''] }).catch(() => undefined);
}, 300);
const fencingTokens = [lock?.fencingToken ?? 0n];
console.log('held');
for await (const _line of createInterface(process.stdin)) {
  const outcomes: Record<string, string> = {};
  for (const [name, write] of rounds.shift() ?? []) outcomes[name] = await write({ fencingTokens });
  console.log(JSON.stringify(outcomes));
}
process.exit(0);

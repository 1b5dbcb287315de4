/**
 * Goal: guarantee 6: nothing reaches a locked subtree past its lock, by any way; what waits for it comes in order; and a holder
 * that was paused past its lease can damage nothing. Method: every way of writing, against a whole broker on a real socket; a
 * second process that is stopped by a signal while it holds a lock.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import {
  appendText,
  copy,
  putText,
  refusalOf,
  startTestBroker,
  text,
  type TestBroker,
} from '../support/broker.ts';
import { fencedPaths } from '../support/fenced-paths.ts';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  expect(broker.log).toEqual([]);
  await broker.close();
});

interface Held {
  readonly id: string;
  readonly leaseId: string;
  readonly token: bigint;
}

async function lockAt(path: string, mode: LockMode = LockMode.EXCLUSIVE, author = 'holder'): Promise<Held> {
  const { lock } = await broker.locks.acquireLock({ targets: [{ path, mode }], author });
  return { id: lock?.id ?? '', leaseId: lock?.leaseId ?? '', token: lock?.fencingToken ?? 0n };
}

function release({ id, leaseId }: Held): Promise<unknown> {
  return broker.locks.releaseLock({ lockId: id, leaseId, endLease: true });
}

async function waiting(): Promise<number> {
  return Number((await broker.forests.getStatus({})).locksWaiting);
}

const lockWait = { seconds: 20n };
const paths = Object.entries(fencedPaths);

describe.each(paths)('%s', (name, prepare) => {
  const tree = name.replaceAll(' ', '-');

  test('without a token is refused, and nothing is remembered of the wait of another', async () => {
    const write = await prepare(broker.context, tree);
    const held = await lockAt(`/${tree}/locked`);
    expect(await write({})).toBe('LOCKED');
    expect(await write({ lockWait: { nanos: 50_000_000 } })).toBe('LOCKED');
    expect(await waiting()).toBe(0);
    await release(held);
    expect(await write({})).toBe('ok');
  });

  test('with an old token is refused, whoever holds the lock now', async () => {
    const write = await prepare(broker.context, tree);
    const old = await lockAt(`/${tree}/locked`);
    await release(old);
    expect(await write({ fencingTokens: [old.token] })).toBe('STALE_FENCING_TOKEN');
    const held = await lockAt(`/${tree}/locked`);
    expect(await write({ fencingTokens: [old.token] })).toBe('STALE_FENCING_TOKEN');
    expect(await write({ fencingTokens: [old.token], lockWait })).toBe('STALE_FENCING_TOKEN');
    await release(held);
  });

  test('with the newest token takes effect', async () => {
    const write = await prepare(broker.context, tree);
    const held = await lockAt(`/${tree}/locked`);
    expect(await write({ fencingTokens: [held.token] })).toBe('ok');
    await release(held);
  });

  test('with patience waits for the lock, in order, and not for those that come later', async () => {
    const writes = [await prepare(broker.context, tree), await prepare(broker.context, tree)];
    const held = await lockAt(`/${tree}/locked`);
    const order: string[] = [];
    const note = (who: string) => (outcome: string) => order.push(`${who} ${outcome}`);
    const first = writes[0]?.({ lockWait, requestId: `${tree} 1` }).then(note('first'));
    await expect.poll(waiting).toBe(1);
    const later = lockAt(`/${tree}/locked`);
    await expect.poll(waiting).toBe(2);
    const last = writes[1]?.({ lockWait, requestId: `${tree} 2` }).then(note('last'));
    await expect.poll(waiting).toBe(3);
    await release(held);
    const next = await later;
    await first;
    expect(order).toEqual(['first ok']);
    await release(next);
    await last;
    expect(order).toEqual(['first ok', 'last ok']);
    expect(await waiting()).toBe(0);
    expect((await broker.locks.inspectLocks({ path: `/${tree}` })).locks).toEqual([]);
  });
});

describe('a write that waits', () => {
  test('is refused with how long it waited, and by whom it was held up', async () => {
    const held = await lockAt('/late/a');
    const refused = await refusalOf(
      broker.context.publish({
        operations: [putText('/late/a', 'x')],
        lockWait: { nanos: 100_000_000 },
        requestId: 'late',
      }),
    );
    expect(refused).toMatchObject({
      code: 'Aborted',
      reason: 'LOCKED',
      metadata: {
        path: '/late/a',
        holder: 'holder',
        lock_id: held.id,
        lease_id: held.leaseId,
        fencing_token: String(held.token),
      },
    });
    expect(Number(refused.metadata['wait_ms'])).toBeGreaterThanOrEqual(99);
    await release(held);
  });

  test('ends with its call, and takes effect not at all', async () => {
    const held = await lockAt('/ended/a');
    const operations = [appendText('/ended/a', 'x')];
    const call = broker.context.publish({ operations, lockWait, requestId: 'ended' }, { timeoutMs: 200 });
    expect((await refusalOf(call)).code).toBe('DeadlineExceeded');
    await expect.poll(waiting).toBe(0);
    await release(held);
    expect((await refusalOf(broker.context.get({ path: '/ended/a' }))).reason).toBe('NODE_NOT_FOUND');
    // Nothing was remembered of it either: repeated, it takes effect, once.
    await broker.context.publish({ operations, requestId: 'ended' });
    expect((await broker.context.publish({ operations, requestId: 'ended' })).repeated).toBe(true);
    const { node } = await broker.context.get({ path: '/ended/a' });
    expect(node?.value?.kind.value).toBe('x');
  });

  test('under tokens of a lease is aborted where it closes a circle', async () => {
    const mine = await lockAt('/ring/mine', LockMode.EXCLUSIVE, 'old');
    const other = await lockAt('/ring/other', LockMode.EXCLUSIVE, 'young');
    const write = broker.context.publish({
      operations: [putText('/ring/other', 'x')],
      fencingTokens: [mine.token],
      lockWait,
    });
    await expect.poll(waiting).toBe(1);
    const back = broker.context.publish({
      operations: [putText('/ring/mine', 'x')],
      fencingTokens: [other.token],
      lockWait,
    });
    const refused = await refusalOf(back);
    expect(refused).toMatchObject({ code: 'Aborted', reason: 'DEADLOCK' });
    expect(refused.circle).toHaveLength(2);
    await release(other);
    await write;
    await release(mine);
  });

  test('on a stream lets those behind it take effect, and is told before them', async () => {
    const held = await lockAt('/stream/locked');
    const wake = Promise.withResolvers<void>();
    async function* requests() {
      yield { publish: { operations: [putText('/stream/locked/a', 'x')], lockWait } };
      yield { publish: { operations: [putText('/stream/free', 'x')] } };
      await wake.promise;
    }
    const revisions: bigint[] = [];
    const reading = (async () => {
      for await (const { outcome } of broker.context.publishStream(requests())) {
        if (outcome.case === 'published') revisions.push(outcome.value.revision);
      }
    })();
    await expect
      .poll(
        async () =>
          (await broker.context.list({ path: '/stream' }).catch(() => ({ nodes: [] }))).nodes.length,
      )
      .toBe(1);
    expect(revisions).toEqual([]);
    await release(held);
    await expect.poll(() => revisions.length).toBe(2);
    wake.resolve();
    await reading;
    expect(revisions[0]).toBeGreaterThan(revisions[1] ?? 0n);
  });

  test('waits out the delay after a holder that has vanished', async () => {
    const { lock } = await broker.locks.acquireLock({
      targets: [{ path: '/quiet', mode: LockMode.EXCLUSIVE }],
      owner: { case: 'ttl', value: { seconds: 1n } },
      delay: { seconds: 1n },
    });
    const start = performance.now();
    const write = { operations: [putText('/quiet', 'x')], lockWait: { seconds: 10n } };
    await broker.context.publish(write);
    const tookMs = performance.now() - start;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(4_000);
    const late = broker.context.publish({ ...write, fencingTokens: [lock?.fencingToken ?? 0n] });
    expect((await refusalOf(late)).reason).toBe('STALE_FENCING_TOKEN');
  });

  test('under a shared lock reads on, and writes elsewhere are held up by nothing', async () => {
    const held = await lockAt('/shared', LockMode.SHARED);
    expect(
      (await refusalOf(broker.context.publish({ operations: [putText('/shared/a', 'x')] }))).reason,
    ).toBe('LOCKED');
    await broker.context.publish({ operations: [putText('/elsewhere', 'x')] });
    await broker.context.publish({ operations: [copy('/copy-of-it', '/elsewhere')] });
    await broker.context.publish({ operations: [putText('/shared/a', 'x')], fencingTokens: [held.token] });
    const { node } = await broker.context.get({ path: '/shared/a' });
    expect(node?.value?.kind.case === 'text' ? node.value.kind.value : text(new Uint8Array())).toBe('x');
    await release(held);
  });
});

describe('a holder that is stopped past its lease and wakes up', () => {
  test('damages nothing: its late writes are refused on every way', { timeout: 60_000 }, async () => {
    const script = new URL('../support/lock-holder.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, broker.url], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('held');
    child.stdin.write('now\n');
    const before = JSON.parse(String((await lines.next()).value)) as Record<string, string>;
    // A delete of an ancestor takes what later reverts are about: those conflict, but nothing is fenced off.
    expect(Object.values(before).filter((told) => told === 'ok').length).toBeGreaterThan(10);
    expect(Object.values(before)).not.toContain('STALE_FENCING_TOKEN');
    expect(
      (await refusalOf(broker.context.publish({ operations: [putText('/paused/locked/x', 'y')] }))).reason,
    ).toBe('LOCKED');
    child.kill('SIGSTOP');
    const stoppedMs = performance.now();
    const mine = await lockAt('/paused/locked', LockMode.EXCLUSIVE, 'next');
    expect(performance.now() - stoppedMs).toBeLessThan(2_000);
    await broker.context.publish({
      operations: [putText('/paused/locked/mine', 'kept')],
      fencingTokens: [mine.token],
    });
    const { revision } = await broker.context.list({ path: '/' });
    child.kill('SIGCONT');
    child.stdin.write('late\n');
    const after = JSON.parse(String((await lines.next()).value)) as Record<string, string>;
    expect(after).toEqual(Object.fromEntries(paths.map(([name]) => [name, 'STALE_FENCING_TOKEN'])));
    expect((await broker.context.list({ path: '/' })).revision).toBe(revision);
    expect((await broker.context.get({ path: '/paused/locked/mine' })).node?.value?.kind.value).toBe('kept');
    child.stdin.end();
    await new Promise((resolve) => child.once('exit', resolve));
    await release(mine);
  });
});

/**
 * Goal: a broker starts, and `verify` ends, where the journal asks for a state so far back that it takes several turns of the event loop to be made again; while
 * nothing else goes on. Method: a copy of a revision hundreds of writes ago, `kill -9`, and both as processes.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, copy, putText } from '../support/broker.ts';

const program = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));

test('a broker starts, and verify ends, where a state of long ago has to be made again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-rebuild-'));
  const broker = new BrokerProcess(folder);
  const verified = (): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [program, 'verify', folder, '--json']);
  try {
    await broker.start();
    const clients = connectClients(`http://${broker.address}`);
    await clients.context.publish({ operations: [putText('/first', 'here')] });
    const rounds = Array.from({ length: 2_000 }, (_, round) => [putText(`/a/${round}`, `${round}`)]);
    await Promise.all(rounds.map((operations) => clients.context.publish({ operations })));
    const { revision } = await clients.context.publish({ operations: [copy('/copied', '/first', 1n)] });
    clients.cut();
    await broker.stop('SIGKILL');

    const { stdout } = await verified();
    const [first = ''] = stdout.split('\n');
    expect(JSON.parse(first)).toMatchObject({ whole: true, reached: { revision: Number(revision) } });
    await broker.start();
    const again = connectClients(`http://${broker.address}`);
    const { node } = await again.context.get({ path: '/copied' });
    expect(node?.modifiedRevision).toBe(revision);
    again.cut();
  } finally {
    await broker.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);

/**
 * Goal: `hyperloom verify nats://…` says whether what brokers share is whole, while they work on, and changes nothing. Method: the command as a process on
 * streams of a real broker, before and after something was taken out of the bucket.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { decodeSharedSnapshot } from '../../src/codec/shared-snapshot.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { verifyStreams } from '../../src/inspection/verify-streams.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { manifestsIn } from '../../src/sequencer/agreed/snapshot-sharing.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { putText } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { NatsCluster } from './nats-server.ts';
import { connectPatiently } from './patience.ts';

const program = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));
let nats: NatsCluster;
let folder: string;
let broker: BrokerProcess;
let clients: TestClients;

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-verified-'));
  const journal = ['--journal', nats.address(), '--snapshot-journal-bytes', '65536', '--log-level', 'error'];
  broker = new BrokerProcess(join(folder, 'data'), journal);
  await broker.start();
  clients = connectPatiently(`http://${broker.address}`);
});
afterAll(async () => {
  clients.cut();
  await broker.stop('SIGKILL');
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

interface Verified {
  readonly code: number;
  readonly reports: readonly {
    readonly name: string;
    readonly whole: boolean;
    readonly snapshots: number;
    readonly reached: { readonly position: number; readonly stateHash: string } | null;
    readonly damages: readonly { readonly what: string }[];
  }[];
  readonly stderr: string;
}

function verify(address = nats.address()): Promise<Verified> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'verify', address, '--json'], (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      const reports = lines.map((line) => JSON.parse(line) as Verified['reports'][number]);
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, reports, stderr });
    });
  });
}

async function looking<T>(look: (jetStream: JetStream) => Promise<T>): Promise<T> {
  const jetStream = await JetStream.connect(
    parseJetStreamAddress(nats.address()),
    systemClock,
    () => undefined,
  );
  try {
    return await look(jetStream);
  } finally {
    await jetStream.close();
  }
}

test('streams are whole while brokers work on them, and what is lost of a snapshot is told', async () => {
  await clients.forests.createForest({ name: 'team' });
  await clients.context.publish({ forest: 'team', operations: [putText('/a', 'b')] });
  await looking(async (jetStream) => {
    const log = await jetStream.openLog('default');
    for (let round = 0; (await log.bounds()).first === 1; round += 1)
      await clients.context.publish({ operations: [putText(`/much/${round % 9}`, 'x'.repeat(20_000))] });
  });
  const { stateHash, stateHashPosition } = await clients.forests.getStatus({ includeStateHash: true });
  const whole = await verify();
  expect(whole.stderr).toBe('');
  expect(whole.code).toBe(0);
  expect(whole.reports.map(({ name, whole: isWhole }) => [name, isWhole])).toEqual([
    ['default', true],
    ['team', true],
  ]);
  const [first] = whole.reports;
  expect(first?.snapshots).toBeGreaterThanOrEqual(2);
  expect(first?.reached).toMatchObject({ stateHash, position: Number(stateHashPosition) });

  await looking(async (jetStream) => {
    const objects = await jetStream.openObjects('default');
    const [newest = ''] = manifestsIn(await objects.names());
    const [part] = decodeSharedSnapshot(await objects.get(newest)).state;
    await objects.remove(part?.object ?? '');
  });
  const damaged = await verify();
  expect(damaged.code).toBe(13);
  const [torn, other] = damaged.reports;
  expect(torn?.damages[0]?.what).toMatch(/the snapshot .*-all leads nowhere/);
  // The one before leads to the same.
  expect(torn?.reached).toEqual(first?.reached);
  expect(other?.whole).toBe(true);
  // It was only looked at: the broker goes on as before.
  await clients.context.publish({ operations: [putText('/a', 'later')] });

  const nowhere = await verify(nats.address('prefix=OTHER'));
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toMatch(/no streams of brokers/);
});

test('what brokers share and remove while streams are looked at is no damage', async () => {
  await looking(async (jetStream) => {
    const log = await jetStream.openLog('default');
    const shareTwice = async (): Promise<void> => {
      for (let times = 0; times < 2; times += 1) {
        const { first } = await log.bounds();
        for (let round = 0; (await log.bounds()).first === first; round += 1)
          await clients.context.publish({ operations: [putText(`/more/${round % 9}`, 'x'.repeat(20_000))] });
      }
    };
    for (const moment of ['bounds', 'get'] as const) {
      let looks = 0;
      const store = await DataFolder.open(join(folder, moment));
      const disturbed = async <T>(own: T): Promise<T> => {
        looks += 1;
        if (looks === 2) await shareTwice();
        return own;
      };
      const logs = {
        names: () => jetStream.names(),
        missing: (name: string) => jetStream.missing(name),
        openLog: async (name: string) => {
          const opened = await jetStream.openLog(name);
          const bounds = opened.bounds.bind(opened);
          if (name === 'default' && moment === 'bounds')
            opened.bounds = async () => disturbed(await bounds());
          return opened;
        },
        openObjects: async (name: string) => {
          const opened = await jetStream.openObjects(name);
          const get = opened.get.bind(opened);
          if (name === 'default' && moment === 'get')
            opened.get = async (object) => get(await disturbed(object));
          return opened;
        },
      };
      for await (const { damages, reached } of verifyStreams(logs, { store, onEntries: () => undefined })) {
        expect(damages).toEqual([]);
        expect(reached).not.toBeNull();
      }
      expect(looks).toBeGreaterThan(2);
      await store.close();
    }
  });
});

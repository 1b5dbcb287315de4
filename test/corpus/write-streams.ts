/**
 * Writes streams for the corpus with brokers of this checkout and a real NATS server: `node test/corpus/write-streams.ts NAME`. What was written once is
 * never written again: a format that is new gets streams of its own beside those that are there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { decodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { agreedFormat } from '../../src/codec/agreed-format.ts';
import { Cascade } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { BasisExtent } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { packageVersion } from '../../src/version.ts';
import { startGuardedBroker } from '../access/guarded-broker.ts';
import { NatsCluster } from '../jetstream/nats-server.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, putText } from '../support/broker.ts';
import { acme, messageOf, protobuf, putMessage } from '../support/schemas.ts';
import { bindings } from './chapters/bindings.ts';
import { gates } from './chapters/gates.ts';
import { ghosts } from './chapters/ghosts.ts';
import { locks } from './chapters/locks.ts';
import { provenance } from './chapters/provenance.ts';
import { reads } from './chapters/reads.ts';
import { schemaGates } from './chapters/schema-gates.ts';
import { traces } from './chapters/traces.ts';
import { typedOperations } from './chapters/typed-operations.ts';
import { values } from './chapters/values.ts';
import { Story } from './story.ts';
import { streamNames, writeStreams } from './streams.ts';
import type { StoredEntry } from './streams.ts';

const chapters = [
  values,
  ghosts,
  gates,
  typedOperations,
  schemaGates,
  provenance,
  traces,
  reads,
  bindings,
  locks,
];

async function main(name = ''): Promise<void> {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error('name them: small letters, digits and hyphens');
  const file = `${name}.json.gz`;
  if (streamNames().includes(file)) throw new Error(`"${file}" is there, and is never written again`);
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-streams-'));
  await using nats = await NatsCluster.start();
  const journal = ['--journal', nats.address(), '--snapshot-journal-bytes', '65536'];
  const broker = new BrokerProcess(join(folder, 'data'), journal);
  const jetStream = await JetStream.connect(
    parseJetStreamAddress(nats.address()),
    systemClock,
    () => undefined,
  );
  try {
    await broker.start();
    const story = new Story(connectClients(`http://${broker.address}`));
    // Streams are cut behind snapshots: what is in them is taken as it comes.
    const followed = new Map<string, StoredEntry[]>();
    const follow = async (log: string): Promise<void> => {
      const entries: StoredEntry[] = [];
      followed.set(log, entries);
      for await (const { timeMs, payload } of (await jetStream.openLog(log)).follow(1))
        entries.push({ timeMs, payload: Buffer.from(payload).toString('base64') });
    };
    for (const log of ['FORESTS', 'default']) void follow(log).catch(() => undefined);
    // What only the newest format can say is not said before it is in force.
    while (!isRaised(followed.get('default'))) await new Promise((resolve) => setTimeout(resolve, 100));
    for (const chapter of chapters) {
      await chapter.tell(story);
      console.log(`told: ${chapter.name}`);
    }
    for (let round = 0; round < 200; round += 1)
      await story.publish({ operations: [putText(`/much/${round % 20}`, 'x'.repeat(2_000))] });
    // It would wait for a lock that came meanwhile.
    await story.publish({ lockWait: { seconds: 5n }, operations: [putText('/free', 'x')] });
    await story.clients.forests.createForest({ name: 'team' });
    await story.publish({ forest: 'team', operations: [putText('/a', 'b')] });
    await withinBounds(nats.address(), folder);
    await workedOut(story);
    const { forests } = await story.clients.forests.listForests({});
    const hashes: Record<string, string> = {};
    for (const { name: forest } of forests) {
      const status = await story.clients.forests.getStatus({ forest, includeStateHash: true });
      hashes[forest] = `${status.stateHash} at ${status.stateHashPosition}`;
    }
    await broker.stop('SIGKILL');
    story.clients.cut();
    await Promise.all(story.hanging);
    const logs: Record<string, readonly StoredEntry[]> = {};
    const objects: Record<string, Record<string, string>> = {};
    for (const log of await jetStream.names()) {
      if (!followed.has(log)) void follow(log).catch(() => undefined);
      const { last } = await (await jetStream.openLog(log)).bounds();
      while ((followed.get(log)?.length ?? 0) < last) await new Promise((resolve) => setImmediate(resolve));
      logs[log] = followed.get(log) ?? [];
      if (log === 'FORESTS') continue;
      const bucket = await jetStream.openObjects(log);
      const beside: Record<string, string> = {};
      for (const object of await bucket.names())
        beside[object] = Buffer.from(await bucket.get(object)).toString('base64');
      objects[log] = beside;
    }
    const date = new Date().toISOString().slice(0, 10);
    const written = { version: packageVersion(), date, chapters: chapters.map((each) => each.name) };
    const bytes = writeStreams(file, { written, logs, objects, hashes });
    console.log(`${file}: ${bytes} bytes, forests ${Object.keys(hashes).join(', ')}`);
  } finally {
    await jetStream.close();
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the newest format is in force behind entries. */
function isRaised(entries: readonly StoredEntry[] = []): boolean {
  return entries.some(({ payload }) => {
    const { formats } = decodeAgreedEntry(Buffer.from(payload, 'base64'));
    return formats?.raises === agreedFormat;
  });
}

/** Commands through a broker that bounds what a forest and an author may have: they say so. */
async function withinBounds(journal: string, folder: string): Promise<void> {
  const grants = [{ principals: ['ann'], forests: '*', may: 'all' }];
  const quotas = [{ principals: '*', ghosts: 1, locks: 1 }];
  const forest_quotas = [{ forests: '*', nodes: 100_000, bytes: 100_000_000 }];
  const settings = { journal, data: join(folder, 'guarded') };
  const guarded = await startGuardedBroker({ grants, quotas, forest_quotas }, settings);
  try {
    const { context, locks } = guarded.as(guarded.token('ann'));
    const write = { operations: [putText('/bounded', 'x')] };
    // A token counts when its file was read again.
    while (!(await isDone(context.publish(write)))) await new Promise((resolve) => setTimeout(resolve, 100));
    const { ghost } = await context.beginGhost({});
    await context.publish({ ghostId: ghost?.id ?? '', ...write });
    await context.commit({ ghostId: ghost?.id ?? '' });
    await context.beginGhost({ ttl: { seconds: 600n } });
    const targets = [{ path: '/bounded/lock', mode: LockMode.EXCLUSIVE }];
    await locks.acquireLock({ targets });
    if (await isDone(context.beginGhost({}))) throw new Error('a second ghost is beyond what it may have');
  } finally {
    await guarded.close();
  }
}

/** Commands that hold for what they were worked out from, and say so: a cascade, and the commit of a mapping. */
async function workedOut(story: Story): Promise<void> {
  const { context, schemas } = story.clients;
  const { revision } = await story.publish({ operations: [putText('/mistake', 'x')] });
  const basis = [{ path: '/mistake', revision, extent: BasisExtent.NODE }];
  await story.publish({ operations: [putText('/from/mistake', 'x')], basis });
  const target = { case: 'revision' as const, value: revision };
  await context.revert({ target, cascade: Cascade.ALL, reason: 'wrong', requestId: story.requestId() });

  const setOf = (fields: string): Uint8Array =>
    acme(`message Note { option (hyperloom.v1.node).path = "/mapped/{note}"; ${fields} }`);
  const [first, second] = [setOf('string rank = 1;'), setOf('double rank = 1;')];
  const register = { name: 'mapped', author: 'owner' };
  await schemas.registerSchema({ ...register, definition: protobuf(first), requestId: story.requestId() });
  await story.publish({
    operations: [putMessage('/mapped/a', messageOf(first, 'acme.v1.Note'), { rank: '7' })],
  });
  const rules = [{ kind: { case: 'move' as const, value: { from: 'rank', to: 'rank' } } }];
  const mapping = { messages: [{ messageType: 'acme.v1.Note', rules }] };
  await schemas.registerSchema({
    ...register,
    definition: protobuf(second),
    requestId: story.requestId(),
    mapping,
  });
}

function isDone(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}

await main(process.argv[2]);

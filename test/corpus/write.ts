/**
 * Writes an entry of the corpus with the broker of this checkout: `node test/corpus/write.ts NAME [CHAPTER…]`. Without chapters, all are
 * told. A released entry is never written again: a format or command that is new gets an entry of its own beside those that are there.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { packageVersion } from '../../src/version.ts';
import { connectClients, putText } from '../support/broker.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { afterCrash } from './chapters/after-crash.ts';
import { bindings } from './chapters/bindings.ts';
import { cascades } from './chapters/cascades.ts';
import { forests } from './chapters/forests.ts';
import { gates } from './chapters/gates.ts';
import { ghosts } from './chapters/ghosts.ts';
import { locks } from './chapters/locks.ts';
import { provenance } from './chapters/provenance.ts';
import { reads } from './chapters/reads.ts';
import { schemaGates } from './chapters/schema-gates.ts';
import { schemas } from './chapters/schemas.ts';
import { traces } from './chapters/traces.ts';
import { typedOperations } from './chapters/typed-operations.ts';
import { values } from './chapters/values.ts';
import { leaveRegistryOpen, tearTail } from './crash.ts';
import { entryNames, writeEntry } from './entry.ts';
import type { ExpectedForest } from './entry.ts';
import { observe } from './observe.ts';
import type { Observation } from './observe.ts';
import { Story, until } from './story.ts';
import type { Chapter } from './story.ts';

/** In this order; before the last one the broker is killed. */
const chapters: readonly Chapter[] = [
  values,
  ghosts,
  gates,
  schemas,
  typedOperations,
  schemaGates,
  provenance,
  cascades,
  traces,
  reads,
  bindings,
  forests,
  locks,
  afterCrash,
];
const options = ['--snapshot-journal-bytes', '3000000'];

type Hashes = Record<string, Record<string, string>>;

async function main([name = '', ...wanted]: readonly string[]): Promise<void> {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error('name the entry: small letters, digits and hyphens');
  if (entryNames().includes(name)) throw new Error(`"${name}" is there, and is never written again`);
  const told = chapters.filter((chapter) => wanted.length === 0 || wanted.includes(chapter.name));
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-corpus-'));
  const data = join(folder, 'data');
  const hashes: Hashes = {};
  try {
    const ids = await tellAll(data, told, hashes);
    tearTail(data, 'default');
    await leaveRegistryOpen(data);
    const endTimeMs = Date.now();
    const observed = await observeCopy(data, join(folder, 'copy'));
    const found: Record<string, ExpectedForest> = {};
    for (const [forest, observation] of Object.entries(observed))
      found[forest] = { hashes: hashes[forest] ?? {}, observed: observation };
    const date = new Date(endTimeMs).toISOString().slice(0, 10);
    const written = { version: packageVersion(), date, chapters: told.map((chapter) => chapter.name) };
    const bytes = writeEntry(name, data, { written, endTimeMs, forests: found, ids });
    console.log(`${name}: ${bytes} bytes packed, forests ${Object.keys(found).join(', ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tellAll(
  data: string,
  told: readonly Chapter[],
  hashes: Hashes,
): Promise<Record<string, string>> {
  const broker = new BrokerProcess(data, options);
  await broker.start();
  const story = new Story(connectClients(`http://${broker.address}`));
  try {
    for (const chapter of told) {
      if (chapter === afterCrash) {
        await broker.stop('SIGKILL');
        await broker.start();
        story.reconnect(connectClients(`http://${broker.address}`));
      }
      await chapter.tell(story);
      await noteHashes(story, hashes);
      console.log(`told: ${chapter.name}`);
    }
    // What is staged is answered before it is durable, so nobody is wronged when a crash in the middle of its write tears it.
    const { id: ghostId } = await story.ghost({ label: 'begun last' });
    await untilDurable(story);
    await story.publish({ ghostId, operations: [putText('/torn', 'gone with the tail')] });
    await untilDurable(story);
  } finally {
    await broker.stop('SIGKILL');
    story.clients.cut();
    await Promise.all(story.hanging);
  }
  return Object.fromEntries(story.ids);
}

function untilDurable({ clients }: Story): Promise<void> {
  return until('all is durable', async () => {
    const { position, durablePosition } = await clients.forests.getStatus({});
    return position === durablePosition;
  });
}

async function noteHashes({ clients }: Story, hashes: Hashes): Promise<void> {
  const { forests: all } = await clients.forests.listForests({});
  for (const { name } of all) {
    const status = await clients.forests.getStatus({ forest: name, includeStateHash: true });
    (hashes[name] ??= {})[String(status.stateHashPosition)] = status.stateHash;
  }
}

/** What a start finds, on a copy, since starting writes. */
async function observeCopy(data: string, copy: string): Promise<Record<string, Observation>> {
  cpSync(data, copy, { recursive: true });
  const broker = new BrokerProcess(copy, options);
  await broker.start();
  const clients = connectClients(`http://${broker.address}`);
  try {
    const { forests: all } = await clients.forests.listForests({});
    const observed: Record<string, Observation> = {};
    for (const { name } of all) observed[name] = await observe(clients, name);
    return observed;
  } finally {
    await broker.stop('SIGKILL');
    clients.cut();
  }
}

await main(process.argv.slice(2));

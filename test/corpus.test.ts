/**
 * Goal: data that a released broker wrote stays readable, means the same, and can be worked on, for ever. Method: each entry of
 * `test/corpus/entries` is a data folder as some release left it after a crash. It is replayed from its beginning and from each of its snapshots,
 * opened by today's broker at the time of its making, compared with what its own broker showed, written to, restarted; and opened long after.
 * What the formats can say must occur in some entry: whoever adds to them writes another one (`node test/corpus/write.ts NAME`).
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../src/base/clock.ts';
import type { Clock } from '../src/base/clock.ts';
import { GhostState } from '../src/gen/hyperloom/v1/ghost_pb.ts';
import { verifyFolder } from '../src/inspection/report.ts';
import { withStoredFolder } from '../src/inspection/stored-folder.ts';
import { DataFolder } from '../src/journal/embedded/data-folder.ts';
import { nodeFileSystem } from '../src/journal/embedded/node-file-system.ts';
import type { Outcome } from '../src/state/outcome.ts';
import { Coverage, everything, exempt } from './corpus/coverage.ts';
import { entryNames, readEntry } from './corpus/entry.ts';
import type { Expected } from './corpus/entry.ts';
import { observe } from './corpus/observe.ts';
import { beginnings, hashesFrom } from './corpus/replay.ts';
import { putText, startTestBroker } from './support/broker.ts';
import type { TestBroker } from './support/broker.ts';

const names = entryNames();
const coverage = new Coverage();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-corpus-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function unpacked(name: string, purpose: string): { readonly data: string; readonly expected: Expected } {
  const data = join(folder, `${name}-${purpose}`);
  return { data, expected: readEntry(name, data) };
}

/** The machine's clock, set back to when the entry was written, or some time later. */
function clockAt(timeMs: number): Clock {
  const startMs = systemClock.monotonicMs();
  return { ...systemClock, nowMs: () => Math.floor(timeMs + systemClock.monotonicMs() - startMs) };
}

function open(data: string, timeMs: number): Promise<TestBroker> {
  return startTestBroker({ settings: { journal: 'embedded', data }, clock: clockAt(timeMs) });
}

async function stopped(broker: TestBroker): Promise<void> {
  await broker.close();
  expect(broker.fatal).toEqual([]);
}

describe.each(names)('the data of %s', (name) => {
  it('leads to the states that its broker went through, from the beginning and from each snapshot', async () => {
    const { data, expected } = unpacked(name, 'replay');
    const store = await DataFolder.open(data);
    try {
      for (const forest of await store.listForests()) {
        const journal = await store.openForest(forest);
        await coverage.addForest(journal);
        const hashes = new Map(
          Object.entries(expected.forests[forest]?.hashes ?? {}).map(([at, hash]) => [Number(at), hash]),
        );
        const starts = beginnings(journal);
        expect(starts.length).toBeGreaterThan(0);
        const ends = new Set<string | undefined>();
        for (const start of starts) {
          const found = await hashesFrom(journal, start, new Set(hashes.keys()));
          for (const [position, hash] of found)
            if (hashes.has(position)) expect(hash).toBe(hashes.get(position));
          ends.add(found.get(journal.lastPosition));
        }
        expect([...ends]).toEqual([expected.forests[forest]?.observed.stateHash]);
      }
      await coverage.addRegistry(await store.openRegistry());
    } finally {
      await store.close();
    }
  });

  it('shows what it showed to those who wrote it', async () => {
    const { data, expected } = unpacked(name, 'open');
    const broker = await open(data, expected.endTimeMs);
    const { forests } = await broker.forests.listForests({});
    expect(forests.map((forest) => forest.name)).toEqual(Object.keys(expected.forests));
    for (const [forest, { observed }] of Object.entries(expected.forests))
      expect(await observe(broker, forest)).toEqual(observed);
    await stopped(broker);
  });

  it('is taken over by an upgrade as docs/operation.md tells it: verified, opened, the same, verified again', async () => {
    const { data, expected } = unpacked(name, 'upgrade');
    const hashes = Object.entries(expected.forests).map(
      ([forest, { observed }]) => [forest, observed.stateHash] as const,
    );
    const before = await verified(data);
    // One that a crash came into the making of is made by the next start.
    expect(before).toEqual(hashes.filter(([forest]) => forest !== 'half-made'));
    const broker = await open(data, expected.endTimeMs);
    for (const [forest, hash] of hashes)
      expect((await broker.forests.getStatus({ forest, includeStateHash: true })).stateHash).toBe(hash);
    await broker.context.publish({ operations: [putText('/upgraded', 'yes')] });
    await stopped(broker);
    expect((await verified(data)).map(([forest]) => forest)).toEqual(Object.keys(expected.forests));
  });

  it('can be worked on, and is the same after a restart', async () => {
    const { data, expected } = unpacked(name, 'work');
    const first = await open(data, expected.endTimeMs);
    await workOn(first, expected);
    const before = await Promise.all(Object.keys(expected.forests).map((forest) => observe(first, forest)));
    await stopped(first);
    const second = await open(data, expected.endTimeMs + 1_000);
    for (const [index, forest] of Object.keys(expected.forests).entries())
      expect(await observe(second, forest)).toEqual(before[index]);
    await stopped(second);
  });

  it('lets go of what its owners have left long ago', async () => {
    const { data, expected } = unpacked(name, 'later');
    const year = 365 * 86_400_000;
    const broker = await open(data, expected.endTimeMs);
    await stopped(broker);
    const later = await open(data, expected.endTimeMs + year);
    await later.context.publish({ operations: [putText('/a/year', 'later')] });
    const { node } = await later.context.get({ path: '/a/year' });
    expect(node?.createdRevision).toBe(BigInt(expected.forests['default']?.observed.revision ?? 0) + 1n);
    await stopped(later);
  });
});

/** What `hyperloom verify` says of a folder in which nothing is damaged: the state hash of each forest. */
async function verified(data: string): Promise<(readonly [string, string | undefined])[]> {
  const silent = { onBytes: () => undefined, onReplayed: () => undefined };
  return withStoredFolder(nodeFileSystem, data, async (folder) => {
    const told: (readonly [string, string | undefined])[] = [];
    for await (const { forest, damages, reached } of verifyFolder(folder, data, silent)) {
      expect(damages).toEqual([]);
      if (forest !== '') told.push([forest, reached?.stateHash]);
    }
    return told;
  });
}

/** Goes on where the story has stopped: in every forest, and with what it left alive. */
async function workOn(
  { context, locks, forests }: TestBroker,
  { ids, forests: all }: Expected,
): Promise<void> {
  for (const [forest, { observed }] of Object.entries(all)) {
    const { revision } = await context.publish({ forest, operations: [putText('/opened/again', 'hello')] });
    expect(revision).toBe(BigInt(observed.revision) + 1n);
  }
  const ghostId = ids['ghost finished'];
  if (ghostId !== undefined) {
    const { ghost } = await context.getGhost({ ghostId });
    expect(ghost?.state).toBe(GhostState.LIVE);
    const { revision } = await context.commit({ ghostId, edition: ghost?.edition ?? 0n });
    expect(revision).toBeGreaterThan(0n);
  }
  const [lockId, leaseId] = [ids['lock'], ids['lease']];
  if (lockId !== undefined && leaseId !== undefined) {
    await locks.releaseLock({ lockId, leaseId });
    // Who waited for it has it now.
    const { locksWaiting } = await forests.getStatus({});
    expect(locksWaiting).toBe(0n);
    const { deletedNodes, revertedGhosts } = await locks.endLease({ leaseId });
    expect([deletedNodes, revertedGhosts]).toEqual([1n, 1n]);
  }
  await forests.compact({});
}

describe('the corpus', () => {
  it('has an entry', () => {
    expect(names.length).toBeGreaterThan(0);
  });

  it('holds everything that the formats can say', () => {
    const missing = everything().filter((what) => !coverage.seen.has(what) && exempt[what] === undefined);
    expect(missing, 'tell it in a chapter of test/corpus/chapters, and write an entry').toEqual([]);
    expect(Object.keys(exempt).filter((what) => coverage.seen.has(what))).toEqual([]);
  });

  it('holds every kind of outcome that a request is remembered with', () => {
    // The compiler knows whether a kind is missing here; `false` where none of its commands can carry a request id.
    const kinds: Readonly<Record<Outcome['kind'], boolean>> = {
      published: true,
      ghost_begun: true,
      checkpointed: true,
      committed: true,
      // What comes of the commit takes its place, or it is still open.
      commit_pending: true,
      reviewed: true,
      ghost_reverted: true,
      revision_reverted: true,
      compacted: true,
      lease_granted: true,
      lease_ended: true,
      lock_granted: true,
      lock_waiting: true,
      lock_released: true,
      lock_delay_ended: false,
      schema_registered: true,
      unbound_paths_set: true,
      rejected: true,
    };
    const expected = Object.entries(kinds).flatMap(([kind, isRemembered]) => (isRemembered ? [kind] : []));
    expect(expected.filter((kind) => !coverage.outcomes.has(kind))).toEqual([]);
  });
});

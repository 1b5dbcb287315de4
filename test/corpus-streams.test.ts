/**
 * Goal: what brokers of a release have left in their streams stays readable and means the same for ever. Method: each file of `test/corpus/streams` holds
 * the logs and objects of real brokers; today's broker begins with the newest snapshot in it, with the one before, and with the first entry, and must
 * reach what those brokers had; and works on from there.
 */
import { describe, expect, test } from 'vitest';

import { seededRandom } from '../src/base/random.ts';
import { decodeSharedSnapshot } from '../src/codec/shared-snapshot.ts';
import { decodeAgreedEntry } from '../src/codec/agreed-entry.ts';
import { agreedFormat, boundsFormat, readsFormat } from '../src/codec/agreed-format.ts';
import { MemoryStore } from '../src/memory-store.ts';
import { SchemaCompiler } from '../src/schema/compile.ts';
import { SchemaJudge } from '../src/schema/judge.ts';
import { AgreedForests } from '../src/sequencer/agreed/agreed-forests.ts';
import { manifestsIn } from '../src/sequencer/agreed/snapshot-sharing.ts';
import { ObjectMissing } from '../src/journal/agreed-objects.ts';
import type { MemoryLogs } from '../src/journal/memory/agreed-logs.ts';
import { logsOf, readStreams, streamNames } from './corpus/streams.ts';
import type { StoredStreams } from './corpus/streams.ts';
import { publish, put } from './support/forests.ts';
import { ManualClock } from './support/manual-clock.ts';
import { settle } from './support/watcher.ts';

/** Snapshots of the default forest, newest first. */
function snapshotsIn({ objects }: StoredStreams): string[] {
  return manifestsIn(Object.keys(objects['default'] ?? {}).sort());
}

/** Whether an entry has a commit that says that what was read is judged by views. */
function judgesInViews(payload: string): boolean {
  const { commands } = decodeAgreedEntry(Buffer.from(payload, 'base64'));
  return commands.some(({ command }) => command.kind === 'commit_ghost' && command.readsInViews === true);
}

/** Opens all forests; what cannot be read fails. */
async function opened(logs: MemoryLogs): Promise<{ forests: AgreedForests; failed: unknown[] }> {
  const failed: unknown[] = [];
  const forests = await AgreedForests.open({
    logs: logs.end(),
    store: new MemoryStore(),
    clock: new ManualClock(),
    random: seededRandom(1),
    judge: new SchemaJudge(new SchemaCompiler()),
    snapshotJournalBytes: Infinity,
    onProgress: () => undefined,
    onFailure: (error) => void failed.push(error),
    onFatal: (error) => void failed.push(error),
    onWriteStop: (_forest, reason) => void failed.push(reason),
  });
  return { forests, failed };
}

test('every format has streams', () => {
  expect(streamNames()).toEqual(
    Array.from({ length: agreedFormat }, (_, index) => `format-${index + 1}.json.gz`),
  );
});

describe.each(streamNames())('the streams %s', (name) => {
  const stored = readStreams(name);
  const snapshots = snapshotsIn(stored);

  test('hold what the formats can say', () => {
    const words = (stored.logs['default'] ?? []).map(({ payload }) =>
      decodeAgreedEntry(Buffer.from(payload, 'base64')),
    );
    expect(snapshots.length).toBeGreaterThanOrEqual(2);
    for (const isIt of [
      words.some(({ marksSnapshot }) => marksSnapshot),
      words.some(({ taken }) => taken !== null),
      words.some(({ living }) => living.length > 0),
      words.some(({ commands }) => commands.length === 0),
      words.some(({ commands }) => commands.some(({ givesWay }) => givesWay)),
    ])
      expect(isIt).toBe(true);
    // What only a later format can say.
    const format = Number(/\d+/.exec(name)?.[0]);
    const isBounded = words.some(({ commands }) => commands.some(({ bounds }) => bounds !== null));
    const isMeasured = words.some(({ taken }) => (taken?.storedBytes ?? 0) > 0);
    const isWorkedOut = (from: 'atRevision' | 'atPosition'): boolean =>
      words.some(({ commands }) => commands.some((command) => command[from] > 0));
    const later = [isBounded, isMeasured, isWorkedOut('atRevision'), isWorkedOut('atPosition')];
    expect(later).toEqual(later.map(() => format >= boundsFormat));
    const isInViews = Object.entries(stored.logs).some(
      ([log, entries]) => log !== 'FORESTS' && entries.some(({ payload }) => judgesInViews(payload)),
    );
    expect(isInViews).toBe(format >= readsFormat);
    for (const snapshot of snapshots) {
      const bytes = Buffer.from(stored.objects['default']?.[snapshot] ?? '', 'base64');
      expect(decodeSharedSnapshot(bytes).records.length).toBeGreaterThan(0);
    }
  });

  test.each([
    ['the newest snapshot', 0],
    ['the snapshot before', 1],
    ['the first entry', Infinity],
  ])('lead from %s to what their brokers had', async (_what, lost) => {
    const gone = new Set(snapshots.slice(0, lost));
    const { forests, failed } = await opened(logsOf(stored, (object) => gone.has(object)));
    try {
      const found: Record<string, string> = {};
      for (const forest of forests.list()) {
        const { hash, position } = await forest.stateHash();
        found[forest.name] = `${hash} at ${position}`;
      }
      expect(found).toEqual(stored.hashes);
      for (const forest of forests.list()) {
        const { outcome } = await forest.propose(publish([put('/later', '1')]));
        expect(outcome.kind).toBe('published');
      }
      for (let turns = 0; turns < 20; turns += 1) await settle();
      // Who shares the next snapshot looks for what was lost here.
      expect(failed.filter((error) => !(error instanceof ObjectMissing))).toEqual([]);
    } finally {
      await forests.close();
    }
  });
});

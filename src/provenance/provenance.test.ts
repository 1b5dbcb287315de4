/**
 * Goal: what a forest knows of its past takes no more for having been compacted often. Method: many compactions of a forest without entries,
 * with a question behind each, over files that count who has them open. What is answered is tested with whole brokers
 * (test/integration/services-trace-compaction.test.ts).
 */
import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { MemorySideFiles } from '../journal/memory/side-files.ts';
import type { SideFiles } from '../journal/side-files.ts';
import type { Entry } from '../state/values/value.ts';
import { emptyRoot } from '../trie/node.ts';
import { Provenance } from './provenance.ts';

test('files of earlier compactions are let go of', async () => {
  const files = new MemorySideFiles();
  let open = 0;
  const beside: SideFiles = {
    names: () => files.names(),
    write: (name, chunks) => files.write(name, chunks),
    remove: (name) => files.remove(name),
    async open(name) {
      const file = await files.open(name);
      if (file === undefined) return undefined;
      open += 1;
      const close = async (): Promise<void> => {
        open -= 1;
        await file.close();
      };
      return { ...file, close };
    },
  };
  const root = emptyRoot<Entry>();
  const provenance = new Provenance({
    clock: systemClock,
    source: { async *entries() {} },
    firstPosition: () => 1,
    positionOfOldest: async () => 0,
    beside,
    isLiveGhost: () => false,
    view: () => ({ root, revision: 0, position: 0 }),
    rootAt: async () => root,
    positionOf: async () => 0,
    journaledPositionOf: async () => null,
    baseOf: () => undefined,
  });
  for (let revision = 1; revision <= 20; revision += 1) {
    await provenance.retain(revision, revision);
    expect(await provenance.retainedEntry(revision)).toBe(null);
  }
  expect(open).toBe(1);
  expect(await files.names()).toHaveLength(1);
  await provenance.close();
  expect(open).toBe(0);
});

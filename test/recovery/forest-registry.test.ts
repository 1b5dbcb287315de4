/**
 * Goal: forests come and go exactly once for each request id, whenever the broker ends: repeated after a crash, a request gets
 * the outcome that it got or missed, and nothing happens twice. Method: requests that make, delete and restore forests run on
 * the simulated disk, which is interrupted at every operation; what was not synced is lost, kept or torn. Then all are repeated.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { registryEntriesMax } from '../../src/base/limits.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { CrashKeeps } from '../../src/journal/embedded/simulated-file.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import { ForestRegistry } from '../../src/sequencer/forest-registry.ts';
import { LocalForests } from '../../src/sequencer/local-forests.ts';
import type { ForestSettled } from '../../src/sequencer/forest.ts';
import { publish, put } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';

async function open(fileSystem: SimulatedFileSystem): Promise<LocalForests> {
  const clock = new ManualClock();
  const random = seededRandom(7);
  const store = await DataFolder.open('/data', { fileSystem, clock, random, defer: queueMicrotask });
  const onWriteStop = (): void => undefined;
  return LocalForests.open({ store, clock, random, snapshotJournalBytes: Infinity, onWriteStop });
}

function told({ outcome }: ForestSettled): string {
  return outcome.kind === 'rejected' ? outcome.reason : `${outcome.kind} ${outcome.forest}`;
}

async function backupOf(forests: LocalForests): Promise<Uint8Array[]> {
  const forest = forests.get('default');
  if ('reason' in forest) throw new Error(forest.message);
  const chunks: Uint8Array[] = [];
  const backup = await forest.backup();
  if ('reason' in backup) throw new Error(backup.message);
  for await (const chunk of backup.chunks) chunks.push(chunk.slice());
  return chunks;
}

async function* upload(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

type Step = (forests: LocalForests, backup: readonly Uint8Array[]) => Promise<ForestSettled>;

const key = (id: string): { id: string; fingerprint: number } => ({ id, fingerprint: id.length });

/** In this order each has one outcome; out of it, or twice, it would have another. */
const steps: readonly (readonly [Step, string])[] = [
  [(forests) => forests.create('a', key('1')), 'forest_created a'],
  [(forests) => forests.create('a', key('22')), 'FOREST_EXISTS'],
  [(forests) => forests.delete('a', key('333')), 'forest_deleted a'],
  [(forests) => forests.delete('a', key('4444')), 'FOREST_NOT_FOUND'],
  [(forests) => forests.create('a', key('55555')), 'forest_created a'],
  [
    (forests, backup) =>
      forests.restore('b', upload(backup), { id: '666666', fingerprint: () => Promise.resolve(6) }),
    'forest_restored b',
  ],
  [(forests) => forests.delete('a', key('7777777')), 'forest_deleted a'],
];

async function checkAll(forests: LocalForests, backup: readonly Uint8Array[]): Promise<void> {
  const outcomes: string[] = [];
  for (const [step] of steps) outcomes.push(told(await step(forests, backup)));
  expect(outcomes).toEqual(steps.map(([, outcome]) => outcome));
  expect(forests.list().map(({ name, status }) => [name, status.revision])).toEqual([
    ['b', 1],
    ['default', 1],
  ]);
  for (const [step] of steps) expect((await step(forests, backup)).repeated).toBe(true);
}

async function prepared(): Promise<{ fileSystem: SimulatedFileSystem; backup: Uint8Array[] }> {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(0) });
  const forests = await open(fileSystem);
  const forest = forests.get('default');
  if ('reason' in forest) throw new Error(forest.message);
  await forest.propose(publish([put('/x', 'y')]));
  const backup = await backupOf(forests);
  await forests.close();
  return { fileSystem, backup };
}

/** Runs the steps until the disk stops; returns what was told. */
async function runSteps(fileSystem: SimulatedFileSystem, backup: readonly Uint8Array[]): Promise<string[]> {
  const outcomes: string[] = [];
  try {
    const forests = await open(fileSystem);
    for (const [step] of steps) {
      let outcome = told(await step(forests, backup));
      // Repeated at once, what the disk cut short is finished, or still waits for the next start.
      if (outcome === 'JOURNAL_UNAVAILABLE') outcome = told(await step(forests, backup));
      if (fileSystem.stopped || outcome === 'JOURNAL_UNAVAILABLE') break;
      outcomes.push(outcome);
    }
  } catch {
    // The machine stopped, or the broker could not start.
  }
  return outcomes;
}

test.each<readonly [CrashKeeps, number]>([
  ['nothing', 1],
  ['everything', 2],
  ['torn', 3],
  ['torn', 4],
])('a machine that stops at any operation, of what was not synced keeps %s, seed %i', async (keeps, seed) => {
  const { fileSystem: counted, backup } = await prepared();
  const start = counted.operations;
  expect(await runSteps(counted, backup)).toEqual(steps.map(([, outcome]) => outcome));
  const count = counted.operations - start;
  expect(count).toBeGreaterThan(50);
  let resumed = 0;
  for (let at = 1; at <= count; at += 1) {
    const { fileSystem } = await prepared();
    fileSystem.failAt(at, 'crash');
    const before = await runSteps(fileSystem, backup);
    expect(before).toEqual(steps.slice(0, before.length).map(([, outcome]) => outcome));
    if (before.length < steps.length) resumed += 1;
    fileSystem.crash(keeps);
    const forests = await open(fileSystem);
    await checkAll(forests, backup);
    await forests.close();
  }
  expect(resumed).toBeGreaterThan(50);
  console.log(`${count} operations, seed ${seed}: repeated behind each of them`);
});

test.each(['EIO', 'ENOSPC'] as const)('a disk that fails with %s at any operation', async (fault) => {
  const { fileSystem: counted, backup } = await prepared();
  const start = counted.operations;
  await runSteps(counted, backup);
  const count = counted.operations - start;
  let stopped = 0;
  for (let at = 1; at <= count; at += 1) {
    const { fileSystem } = await prepared();
    fileSystem.failAt(at, fault);
    const before = await runSteps(fileSystem, backup);
    expect(before).toEqual(steps.slice(0, before.length).map(([, outcome]) => outcome));
    if (before.length < steps.length) stopped += 1;
    fileSystem.restartProcess();
    const forests = await open(fileSystem);
    await checkAll(forests, backup);
    await forests.close();
  }
  expect(stopped).toBeGreaterThan(20);
});

test('a request id that stands for another request is refused', async () => {
  const { fileSystem, backup } = await prepared();
  const forests = await open(fileSystem);
  await forests.create('a', { id: 'once', fingerprint: 1 });
  expect(told(await forests.create('b', { id: 'once', fingerprint: 2 }))).toBe('REQUEST_ID_REUSED');
  expect(told(await forests.delete('a', { id: 'once', fingerprint: 3 }))).toBe('REQUEST_ID_REUSED');
  const key = { id: 'once', fingerprint: () => Promise.resolve(4) };
  expect(told(await forests.restore('c', upload(backup), key))).toBe('REQUEST_ID_REUSED');
  expect(forests.list().map(({ name }) => name)).toEqual(['a', 'default']);
  await forests.close();
});

test('the registry forgets by age, and does not grow for ever', async () => {
  const journal = new MemoryJournal();
  const clock = new ManualClock();
  const registry = await ForestRegistry.open(journal, clock, () => undefined);
  const outcome = { kind: 'forest_created', forest: 'a' } as const;
  await registry.answer({ id: 'old', fingerprint: 1 }, outcome);
  clock.advance(3_600_001);
  for (let index = 0; index <= registryEntriesMax; index += 1)
    await registry.answer({ id: `id ${index}`, fingerprint: index }, outcome);
  expect(registry.find({ id: 'old', fingerprint: 1 })).toBeNull();
  expect(journal.snapshots().length).toBeGreaterThan(0);
  const again = await ForestRegistry.open(journal, clock, () => undefined);
  expect(again.find({ id: 'id 7', fingerprint: 7 })).toEqual(outcome);
  expect(again.find({ id: `id ${registryEntriesMax}`, fingerprint: registryEntriesMax })).toEqual(outcome);
  expect(again.find({ id: 'id 7', fingerprint: 8 })).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

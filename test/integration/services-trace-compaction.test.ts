/**
 * Goal: what a value was made from, and what was made from it, is known for as long as the value is there: through compactions and
 * restarts. Method: a forest on a simulated disk with small segments, compacted and opened again; and the `Blame` of a broker.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry, Operation } from '../../src/state/command.ts';
import { putText, startTestBroker } from '../support/broker.ts';
import { append, begin, openForest, path, publish, put } from '../support/forests.ts';

const segmentBytes = 4_096;

/** A forest on a disk, which can be opened again. */
class DiskForest {
  readonly fileSystem = new SimulatedFileSystem({ random: seededRandom(7) });
  #opened = 0;

  async open(): Promise<LiveForest> {
    const folder = await DataFolder.open('/data', { fileSystem: this.fileSystem, segmentBytes });
    if (!(await folder.listForests()).includes('test')) await folder.createForest('test');
    this.#opened += 1;
    return openForest(await folder.openForest('test'), Infinity, this.#opened);
  }

  async reopen(forest: LiveForest): Promise<LiveForest> {
    await forest.close();
    this.fileSystem.restartProcess();
    return this.open();
  }
}

const node = (at: string, revision: number, more: Partial<BasisEntry> = {}): BasisEntry => ({
  path: path(at),
  revision,
  extent: 'node',
  ...more,
});

async function write(
  forest: LiveForest,
  operations: Operation[],
  basis: BasisEntry[] = [],
  ghostId = '',
): Promise<void> {
  const { outcome } = await forest.propose({ ...publish(operations, { ghostId }), basis });
  expect(outcome.kind).toBe('published');
}

/** Fills segments, so that compactions free some. */
async function fill(forest: LiveForest, times: number): Promise<void> {
  for (let index = 0; index < times; index += 1) await write(forest, [put('/noise', 'x'.repeat(500))]);
}

async function derived(forest: LiveForest, revision: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { hops, made } of forest.provenance.derivedFrom({ kind: 'revision', revision }))
    found.push(`${hops}:${made.layer === '' ? '' : 'diff '}${made.at}`);
  return found;
}

async function readBy(forest: LiveForest, revision: number): Promise<string[]> {
  const asOf = forest.provenance.now();
  const start = { kind: 'revision', revision } as const;
  const begun = await forest.provenance.upstream({ start, hops: 3, path: [], asOf });
  if ('reason' in begun) return [begun.reason];
  const found: string[] = [];
  for await (const item of begun.items)
    if (!('kind' in item))
      found.push(`${item.hops} /${item.path.join('/')}@${item.read.revision} ${item.standing}`);
  return found;
}

test('a compaction keeps who had read what for values that are there, and so does the next one, and a restart', async () => {
  const disk = new DiskForest();
  let forest = await disk.open();
  await write(forest, [put('/a', 'a')]);
  await write(forest, [put('/b', 'b')], [node('/a', 1)]);
  await write(forest, [put('/over', 'o')], [node('/b', 2)]);
  await write(forest, [put('/c', 'c')], [node('/b', 2), node('/over', 3)]);
  await write(forest, [put('/over', 'p')]);
  await fill(forest, 40);
  const whole = await derived(forest, 1);
  expect(whole).toEqual(['1:2', '2:3', '2:4']);
  for (let round = 0; round < 3; round += 1) {
    const segments = await disk.fileSystem.readdir('/data/forests/test/segments');
    expect(await forest.compact(0, null)).toMatchObject({ compactedRevision: forest.view().revision });
    // The journal itself lets go of it with the second one: the first had no snapshot to go back to.
    const left = await disk.fileSystem.readdir('/data/forests/test/segments');
    expect(left.includes(segments[0] ?? '')).toBe(round === 0);
    // What /over was made from went with its value.
    expect(await derived(forest, 1)).toEqual(['1:2', '2:4']);
    expect(await readBy(forest, 4)).toEqual(['1 /b@2 unchanged', '1 /over@3 gone', '2 /a@1 unchanged']);
    expect(await readBy(forest, 3)).toEqual(['REVISION_COMPACTED']);
    await fill(forest, 20);
    forest = await disk.reopen(forest);
    expect(await derived(forest, 1)).toEqual(['1:2', '2:4']);
  }
  await write(forest, [append('/d', 'd')], [node('/c', forest.view().revision)]);
  expect(await derived(forest, 1)).toEqual(['1:2', '2:4', `3:${forest.view().revision}`]);
  await forest.close();
});

test('what is staged in a live ghost is kept as well, and followed into its commit', async () => {
  const disk = new DiskForest();
  let forest = await disk.open();
  await write(forest, [put('/a', 'a')]);
  const ghost = begin(forest);
  await forest.propose(ghost);
  const { ghostId } = ghost;
  await write(forest, [put('/g', 'g')], [node('/a', 1, { ghostId })], ghostId);
  await fill(forest, 40);
  await forest.compact(0, null);
  forest = await disk.reopen(forest);
  expect(await derived(forest, 1)).toEqual(['1:diff 1']);
  await write(forest, [put('/out', 'o')], [node('/g', 1, { ghostId, sequence: 1 })]);
  expect(await derived(forest, 1)).toEqual(['1:diff 1', `2:${forest.view().revision}`]);
  await forest.close();
});

test('a damaged file of what was kept is as if nothing had been kept: refused, never wrong', async () => {
  const disk = new DiskForest();
  let forest = await disk.open();
  await write(forest, [put('/a', 'a')]);
  await write(forest, [put('/b', 'b')], [node('/a', 1)]);
  await fill(forest, 40);
  await forest.compact(0, null);
  await forest.close();
  disk.fileSystem.restartProcess();
  const folder = '/data/forests/test/beside';
  const [name = ''] = await disk.fileSystem.readdir(folder);
  expect(name).toMatch(/^retained-\d{16}$/);
  const file = await disk.fileSystem.open(`${folder}/${name}`, 'write');
  const { bytes = 0 } = (await disk.fileSystem.stat(`${folder}/${name}`)) ?? {};
  await file.writeAt(new Uint8Array([7, 7, 7, 7]), bytes - 40);
  await file.close();
  forest = await disk.open();
  expect(await readBy(forest, 2)).toEqual(['REVISION_COMPACTED']);
  await forest.close();
});

test('a compaction that a crash cuts short, wherever it does, gives up nothing that a whole one keeps', async () => {
  const outcomes = new Set<string>();
  for (let at = 1, isWhole = false; !isWhole; at += 1) {
    const disk = new DiskForest();
    let forest = await disk.open();
    await write(forest, [put('/a', 'a')]);
    await write(forest, [put('/b', 'b')], [node('/a', 1)]);
    await fill(forest, 20);
    await forest.compact(0, null);
    const first = forest.view().revision;
    await write(forest, [put('/c', 'c')], [node('/b', 2)]);
    await fill(forest, 20);
    const second = first + 1;
    disk.fileSystem.failAt(at, 'crash');
    await forest.compact(0, null);
    isWhole = !disk.fileSystem.stopped;
    disk.fileSystem.crash(at % 2 === 0 ? 'everything' : 'nothing');
    forest = await disk.open();
    for (let round = 0; round < 2; round += 1) {
      expect(await derived(forest, 1)).toEqual(['1:2', `2:${second}`]);
      expect(await readBy(forest, second)).toEqual(['1 /b@2 unchanged', '2 /a@1 unchanged']);
      for (const revision of [1, 2, second]) {
        const recorded = await forest.provenance.retainedEntry(revision);
        expect(recorded?.effects.revision).toBe(revision);
      }
      outcomes.add(`${round}: ${forest.status.compactedRevision > first ? 'decided' : 'not decided'}`);
      // The next one makes up for it.
      await forest.compact(0, null);
    }
    await forest.close();
  }
  expect([...outcomes].sort()).toEqual(['0: decided', '0: not decided', '1: decided']);
});

test('two compactions at once keep what each of them alone would', async () => {
  const disk = new DiskForest();
  const forest = await disk.open();
  await write(forest, [put('/a', 'a')]);
  await write(forest, [put('/b', 'b')], [node('/a', 1)]);
  await fill(forest, 20);
  await forest.compact(0, null);
  const early = forest.view().revision;
  await write(forest, [put('/c', 'c')], [node('/b', 2)]);
  await fill(forest, 20);
  await Promise.all([forest.compact(early, null), forest.compact(early + 10, null)]);
  expect(forest.status.compactedRevision).toBe(early + 10);
  expect(await derived(forest, 1)).toEqual(['1:2', `2:${early + 1}`]);
  await forest.close();
});

test('a walk that a compaction comes into goes on in what is kept then', async () => {
  const disk = new DiskForest();
  const forest = await disk.open();
  await write(forest, [put('/a', 'a')]);
  await write(forest, [put('/b', 'b')], [node('/a', 1)]);
  await write(forest, [put('/c', 'c')], [node('/b', 2)]);
  await fill(forest, 20);
  await forest.compact(0, null);
  const start = { kind: 'revision', revision: 1 } as const;
  const begun = await forest.provenance.downstream({
    start,
    hops: 9,
    path: [],
    asOf: forest.provenance.now(),
  });
  if ('reason' in begun) throw new Error(begun.message);
  await fill(forest, 20);
  await forest.compact(0, null);
  const found: number[] = [];
  for await (const item of begun.items) if (!('kind' in item)) found.push(item.made.at);
  expect(found).toEqual([2, 3]);
  await forest.close();
});

test('Blame names who made a value, and what they had read, after the history is given up', async () => {
  const broker = await startTestBroker();
  await broker.context.publish({ operations: [putText('/a', 'a')], author: 'ada', label: 'the first' });
  const basis = [{ path: '/a', revision: 1n }];
  await broker.context.publish({ operations: [putText('/b', 'b')], author: 'bob', basis });
  await broker.context.publish({ operations: [putText('/c', 'c')] });
  await broker.forests.compact({});
  const { lines } = await broker.context.blame({ path: '/b' });
  expect(lines).toMatchObject([
    { event: { author: 'bob', revision: 2n, basis: [{ path: '/a', revision: 1n }] } },
  ]);
  const first = await broker.context.blame({ path: '/a' });
  expect(first.lines).toMatchObject([{ event: { author: 'ada', label: 'the first' } }]);
  expect(broker.fatal).toEqual([]);
  await broker.close();
});

/**
 * Goal: whatever becomes of the process, the machine, the disk or the files of the index, traces answer as if nothing had ever happened to them.
 * Method: agents publish what they made of what they had read into a forest on a simulated disk, whose index has tiny runs and so dozens of files.
 * Between rounds it is stopped in order, killed, killed in the middle of any of the index's own disk operations, loses power, or finds its
 * index damaged; at times its history is given up. Beside it lies a forest that the same is written to, and whose index is thrown
 * away in each round: both must give the same answers.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { DiskOperation } from '../../src/journal/embedded/simulated-file-system.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry, Command, Operation } from '../../src/state/command.ts';
import { append, begin, commit, openForest, path, publish, put, remove } from '../support/forests.ts';

const beside = '/data/forests/test/beside';
const indexSizes = { tailEntries: 64, fanIn: 2, fileEntriesMin: 128, keptEntriesMin: 20 };

class DiskForest {
  readonly fileSystem: SimulatedFileSystem;
  /** Operations on index files until one is never answered; counted down. */
  holdAfter = Infinity;
  #opened = 0;
  #isTiny: boolean;
  #forest: LiveForest | null = null;

  constructor(seed: number, isTiny: boolean) {
    this.#isTiny = isTiny;
    const before = (operation: DiskOperation): Promise<void> | void => this.#before(operation);
    this.fileSystem = new SimulatedFileSystem({ random: seededRandom(seed), before });
  }

  get forest(): LiveForest {
    if (this.#forest === null) throw new Error('the forest is not open');
    return this.#forest;
  }

  async open(): Promise<void> {
    this.holdAfter = Infinity;
    const options = { fileSystem: this.fileSystem, segmentBytes: 4_096 };
    const folder = await DataFolder.open('/data', options);
    if (!(await folder.listForests()).includes('test')) await folder.createForest('test');
    this.#opened += 1;
    const journal = await folder.openForest('test');
    const more = this.#isTiny ? { indexSizes } : {};
    this.#forest = await openForest(journal, Infinity, this.#opened, more);
  }

  /** Names of the index's files. */
  async indexFiles(): Promise<readonly string[]> {
    if ((await this.fileSystem.stat(beside)) === undefined) return [];
    return (await this.fileSystem.readdir(beside)).filter((name) => name.startsWith('index-'));
  }

  #before({ path: file }: DiskOperation): Promise<void> | void {
    if (!file.includes('/beside/index-')) return;
    this.holdAfter -= 1;
    if (this.holdAfter < 0) return new Promise(() => undefined);
  }
}

const names = ['/a', '/a/b', '/a/c', '/d', '/d/e', '/d/e/f', '/g', '/h/i'];

/** What agents do in one round: the same for both forests. */
function* work(random: Random, forest: LiveForest): Generator<Command> {
  const somePath = (): string => names[random.below(names.length)] as string;
  let newest = forest.view().revision;
  const basis = (ghostId = '', sequence = 0): BasisEntry[] =>
    Array.from({ length: random.below(4) }, () => {
      const extent = random.below(4) === 0 ? ('subtree' as const) : ('node' as const);
      const read = { path: path(somePath()), revision: Math.max(0, newest - random.below(6)), extent };
      return ghostId === '' ? read : { ...read, ghostId, sequence };
    });
  const operation = (): Operation => {
    const what = random.below(8);
    if (what === 0) return remove(somePath());
    return what < 3 ? append(somePath(), 'x') : put(somePath(), `${random.below(1_000_000)}`);
  };
  for (let count = 0; count < 25; count += 1) {
    yield { ...publish([operation()]), basis: basis() };
    newest += 1;
    if (random.below(12) !== 0) continue;
    const ghostId = `g${newest}`;
    yield begin(forest, { ghostId, baseRevision: newest });
    yield { ...publish([put(somePath(), 'staged')], { ghostId }), basis: basis() };
    yield { ...publish([put(somePath(), 'more')], { ghostId }), basis: basis(ghostId, 1) };
    yield commit(ghostId);
    newest += 1;
  }
}

async function answers(forest: LiveForest, revisions: readonly number[]): Promise<string[]> {
  const told: string[] = [];
  for (const revision of revisions) {
    const start = { kind: 'revision', revision } as const;
    const asOf = forest.provenance.now();
    const down = await forest.provenance.downstream({ start, hops: Infinity, path: [], asOf });
    const up = await forest.provenance.upstream({ start, hops: 2, path: [], asOf });
    if ('reason' in down || 'reason' in up) {
      told.push(`${revision}: ${'reason' in down ? down.reason : ''} ${'reason' in up ? up.reason : ''}`);
      continue;
    }
    for await (const item of down.items)
      if (!('kind' in item)) told.push(`${revision} > ${item.hops} ${item.made.layer}@${item.made.at}`);
    for await (const item of up.items) {
      if ('kind' in item) continue;
      const { hops, read, standing, reader } = item;
      told.push(`${revision} < ${hops} ${item.path.join('/')}@${read.revision} ${standing} by ${reader.at}`);
    }
  }
  return told;
}

/** Ends the forest's process in some way. */
async function end(disk: DiskForest, random: Random, kind: string): Promise<void> {
  if (kind === 'stopped') await disk.forest.close();
  if (kind === 'without power') disk.fileSystem.crash(random.below(2) === 0 ? 'torn' : 'nothing');
  else disk.fileSystem.restartProcess();
  if (kind !== 'damaged') return;
  for (const name of await disk.indexFiles()) {
    const { length } = disk.fileSystem.bytesOf(`${beside}/${name}`);
    if (length > 0 && random.below(3) === 0)
      disk.fileSystem.flipBit(`${beside}/${name}`, random.below(length), random.below(8));
  }
}

const ends = ['stopped', 'killed', 'held', 'held', 'without power', 'damaged'];

test.each([1, 2, 3, 4])('an index outlives its process, or is made again: seed %i', async (seed) => {
  const random = seededRandom(seed);
  const [disk, plain] = [new DiskForest(seed, true), new DiskForest(seed + 100, false)];
  let most = 0;
  for (let round = 0; round < 12; round += 1) {
    await disk.open();
    await plain.open();
    const revisions = Array.from({ length: 8 }, () => 1 + random.below(disk.forest.view().revision + 1));
    // In every other round it is asked before it writes.
    if (random.below(2) === 0) await answers(disk.forest, revisions.slice(0, 1));
    const kind = ends[random.below(ends.length)] as string;
    if (kind === 'held') disk.holdAfter = random.below(12);
    for (const command of work(random, disk.forest)) {
      const [one, other] = [await disk.forest.propose(command), await plain.forest.propose(command)];
      expect({ ...one.outcome, edition: 0 }).toEqual({ ...other.outcome, edition: 0 });
    }
    if (random.below(3) === 0) {
      const below = disk.forest.view().revision - 20;
      for (const { forest } of [disk, plain])
        expect('reason' in (await forest.compact(below, null))).toBe(false);
    }
    const expected = await answers(plain.forest, revisions);
    if (kind !== 'held') expect(await answers(disk.forest, revisions)).toEqual(expected);
    await end(disk, random, kind);
    await end(plain, random, 'killed');
    for (const name of await plain.indexFiles()) await plain.fileSystem.unlink(`${beside}/${name}`);
    await disk.open();
    expect(await answers(disk.forest, revisions)).toEqual(expected);
    most = Math.max(most, (await disk.indexFiles()).length);
    await disk.forest.close();
    disk.fileSystem.restartProcess();
  }
  expect(most).toBeGreaterThan(3);
});

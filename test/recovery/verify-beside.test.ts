/**
 * Goal: `hyperloom verify` finds a byte that is another one in each kind of file that lies beside a journal, and names the file; what is whole is
 * called whole. Method: a data folder of the corpus, which has what a compaction kept, with an index that its own writer adds; every byte turned
 * over in turn, and some of them looked at through the whole report.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { verifyFolder, type JournalReport } from '../../src/inspection/report.ts';
import { withStoredFolder } from '../../src/inspection/stored-folder.ts';
import { nodeFileSystem } from '../../src/journal/embedded/node-file-system.ts';
import { EmbeddedSideFiles } from '../../src/journal/embedded/side-files.ts';
import { MemorySideFiles } from '../../src/journal/memory/side-files.ts';
import { IndexRuns } from '../../src/provenance/index-runs.ts';
import { pathKey } from '../../src/provenance/key.ts';
import { sideDamages } from '../../src/provenance/side-damage.ts';
import { readEntry } from '../corpus/entry.ts';

const sizes = { tailEntries: 1_024, fanIn: 8, fileEntriesMin: 8_192, keptEntriesMin: 1 };

let root = '';
let data = '';
let beside: EmbeddedSideFiles;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hyperloom-beside-'));
  data = join(root, 'data');
  readEntry('format-1-traces', data);
  beside = new EmbeddedSideFiles(nodeFileSystem, join(data, 'forests/default'));
  const index = new IndexRuns({
    clock: systemClock,
    beside,
    name: 'index-journal',
    isKeptWhole: true,
    sizes,
  });
  for (let position = 1; position <= 300; position += 1) {
    const { high, low } = pathKey('read', '', ['session', `note_${position % 7}`]);
    index.add(high, low, position, position);
  }
  await index.keep();
  await index.close();
});
afterAll(() => rm(root, { recursive: true }));

const pathOf = (name: string): string => join(data, 'forests/default/beside', name);

async function reports(): Promise<readonly JournalReport[]> {
  const silent = { onBytes: () => undefined, onReplayed: () => undefined };
  return withStoredFolder(nodeFileSystem, data, async (folder) => {
    const told: JournalReport[] = [];
    for await (const report of verifyFolder(folder, data, silent)) told.push(report);
    return told;
  });
}

test('each kind of file is there, and whole', async () => {
  const kinds = (await beside.names()).map((name) => name.replace(/[\d.-]+/g, ' ').trim());
  expect(kinds).toEqual(['index journal', 'index journal manifest', 'retained']);
  expect(await sideDamages(beside)).toEqual([]);
  expect((await reports()).flatMap(({ damages }) => damages)).toEqual([]);
});

test('a byte that is another one is found wherever it is, and so is one that is missing', async () => {
  // In memory: as often as there are bytes.
  const copied = new MemorySideFiles();
  const names = await beside.names();
  for (const name of names) await copied.write(name, piecesOf(await readFile(pathOf(name))));
  for (const name of names) {
    const was = await readFile(pathOf(name));
    for (let at = 0; at < was.length; at += 1) {
      const bytes = Buffer.from(was);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      await copied.write(name, piecesOf(bytes));
      expect([name, at, (await sideDamages(copied)).map((damage) => damage.name)]).toEqual([
        name,
        at,
        [name],
      ]);
    }
    await copied.write(name, piecesOf(was.subarray(0, -1)));
    expect((await sideDamages(copied)).map((damage) => damage.name)).toEqual([name]);
    await copied.write(name, piecesOf(was));
  }
  expect(await sideDamages(copied)).toEqual([]);
});

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('the report names the file, says what is lost, and leaves the state alone', async () => {
  const before = (await reports()).map(({ reached }) => reached);
  for (const name of await beside.names()) {
    const was = await readFile(pathOf(name));
    const bytes = Buffer.from(was);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(pathOf(name), bytes);
    const found = await reports();
    expect(found.map(({ reached }) => reached)).toEqual(before);
    expect(found.flatMap(({ damages }) => damages)).toEqual([
      expect.objectContaining({
        path: `forests/default/beside/${name}`,
        advice: expect.stringContaining(name.startsWith('retained') ? 'from a copy' : 'nothing is lost'),
      }),
    ]);
    await writeFile(pathOf(name), was);
  }
});

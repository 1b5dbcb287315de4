/**
 * Goal: damage stops the broker with a message that names file, offset and position, and never becomes silently less data,
 * while a batch that a crash left unfinished is truncated and the journal goes on. Method: a small journal on the
 * simulated disk; every byte of it flipped, every cut of its last batch made, each of its files taken away.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from '../../src/base/crc32c.ts';
import { seededRandom } from '../../src/base/random.ts';
import { entry, from, hex, readAll, readChunks } from '../../src/journal/contract.ts';
import {
  createEmbeddedJournal,
  openEmbeddedJournal,
  type EmbeddedJournalOptions,
} from '../../src/journal/embedded/journal.ts';
import { recordOverheadBytes, recordsOffset } from '../../src/journal/embedded/layout.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import { JournalDamage, type Journal } from '../../src/journal/journal.ts';
import { inCase } from './journal-workload.ts';

const seed = 20_261_121;
const last = 48;
const lastBatch = { first: 46, last } as const;
const snapshotPosition = 12;
const segmentsFolder = '/journal/segments';
const snapshotPath = `/journal/snapshots/${String(snapshotPosition).padStart(16, '0')}.snapshot`;

let fileSystem: SimulatedFileSystem;
let options: EmbeddedJournalOptions;

/** Entries 1 to 45 in batches of three over several segments, a snapshot, and 46 to 48 as the last batch. */
async function makeJournal(): Promise<void> {
  fileSystem = new SimulatedFileSystem({ random: seededRandom(seed) });
  options = { fileSystem, random: seededRandom(seed), segmentBytes: 4_096 };
  await createEmbeddedJournal('/journal', options);
  const journal = await openEmbeddedJournal('/journal', options);
  for (let position = 1; position <= last; position += 1) {
    journal.append(entry(position), 'sync');
    if (position % 3 === 0) await journal.flush();
    if (position === 15) await journal.saveSnapshot(snapshotPosition, from([entry(100), entry(101)]));
  }
  await journal.close();
}

async function segmentPaths(): Promise<readonly string[]> {
  return (await fileSystem.readdir(segmentsFolder)).map((name) => `${segmentsFolder}/${name}`);
}

/** Opens, reads everything and closes; the result is all there was, or the damage that was found. */
async function readBack(): Promise<readonly string[] | JournalDamage> {
  let journal: Journal | undefined;
  try {
    journal = await openEmbeddedJournal('/journal', options);
    const entries = await readAll(journal, 1, journal.lastPosition);
    return [
      ...entries,
      ...(journal.snapshots().length === 0 ? [] : [await readChunks(journal, snapshotPosition)]),
    ];
  } catch (error) {
    if (error instanceof JournalDamage) return error;
    throw error;
  } finally {
    await journal?.close();
  }
}

const whole = [
  ...Array.from({ length: last }, (_, index) => hex(entry(index + 1))),
  hex(entry(100)) + hex(entry(101)),
];

/** The file offsets at which the records of the last segment start, and its end. */
async function lastSegmentOffsets(): Promise<{
  path: string;
  offsets: ReadonlyMap<number, number>;
  end: number;
}> {
  const path = (await segmentPaths()).at(-1) ?? '';
  const offsets = new Map<number, number>();
  let offset = recordsOffset;
  for (let position = Number(/(\d{16})\.segment$/.exec(path)?.[1]); position <= last; position += 1) {
    offsets.set(position, offset);
    offset += recordOverheadBytes + entry(position).length;
  }
  return { path, offsets, end: offset };
}

/** How the journal opens: stopped by damage, with all there was, or, which must never be, with less. */
async function outcome(): Promise<'stopped' | 'whole' | 'less'> {
  const result = await readBack();
  if (result instanceof JournalDamage) return 'stopped';
  return JSON.stringify(result) === JSON.stringify(whole) ? 'whole' : 'less';
}

/** What the broker says when it stops at damage. */
async function damageMessage(): Promise<string> {
  const result = await readBack();
  return result instanceof JournalDamage ? result.message : 'no damage was found';
}

beforeEach(makeJournal);

test('undamaged, the journal reads back whole', async () => {
  expect((await segmentPaths()).length).toBeGreaterThanOrEqual(3);
  expect(await readBack()).toEqual(whole);
});

describe('a flipped bit', () => {
  test('at any byte of any file stops the broker or loses nothing', { timeout: 240_000 }, async () => {
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    const counts = { stopped: 0, whole: 0 };
    const less: string[] = [];
    for (const path of [...(await segmentPaths()), snapshotPath]) {
      const before = fileSystem.bytesOf(path);
      for (let offset = 0; offset < before.length; offset += 1) {
        const bit = random.below(8);
        fileSystem.flipBit(path, offset, bit);
        const result = await outcome();
        if (result === 'less') less.push(`${path}, offset ${offset}, bit ${bit}`);
        else counts[result] += 1;
        fileSystem.overwrite(path, before, 0);
      }
    }
    console.log(counts);
    expect(less).toEqual([]);
    expect(counts.stopped).toBeGreaterThan(9_000);
  });

  test('in any bit of the last acknowledged batch stops the broker and changes nothing', async () => {
    const { path, offsets, end } = await lastSegmentOffsets();
    const start = offsets.get(lastBatch.first) ?? 0;
    const before = hex(fileSystem.bytesOf(path));
    const unnoticed: string[] = [];
    for (let offset = start; offset < end; offset += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        fileSystem.flipBit(path, offset, bit);
        if ((await outcome()) !== 'stopped') unnoticed.push(`offset ${offset}, bit ${bit}`);
        fileSystem.flipBit(path, offset, bit);
      }
    }
    expect(unnoticed).toEqual([]);
    expect(hex(fileSystem.bytesOf(path))).toBe(before);
  });

  test('in the middle is told with file, offset and position', async () => {
    const { path, offsets } = await lastSegmentOffsets();
    const [position, offset] = [...offsets][0] ?? [0, 0];
    fileSystem.flipBit(path, offset + 60, 3);
    {
      const message = await damageMessage();
      for (const words of [path, `position ${position}`, `offset ${offset}`])
        expect(message).toContain(words);
    }
  });
});

test('random garbage over acknowledged records stops the broker', async () => {
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const less: string[] = [];
  for (const path of await segmentPaths()) {
    const before = fileSystem.bytesOf(path);
    const { path: lastPath, offsets } = await lastSegmentOffsets();
    const end = path === lastPath ? (offsets.get(lastBatch.first) ?? 0) : recordsOffset + 1_000;
    for (let round = 0; round < 200; round += 1) {
      const offset = recordsOffset + random.below(end - recordsOffset);
      const length = 1 + random.below(Math.min(600, end - offset));
      const garbage = Uint8Array.from({ length }, () => (round % 2 === 0 ? random.below(256) : 0));
      fileSystem.overwrite(path, garbage, offset);
      if ((await outcome()) === 'less') less.push(`${path}, offset ${offset}, ${length} bytes`);
      fileSystem.overwrite(path, before, 0);
    }
  }
  expect(less).toEqual([]);
});

describe('an unfinished last batch', () => {
  test('that stops at any byte is truncated, and the journal goes on', async () => {
    const { path, offsets, end } = await lastSegmentOffsets();
    const before = fileSystem.bytesOf(path);
    for (let cut = offsets.get(lastBatch.first) ?? 0; cut < end; cut += 1) {
      fileSystem.overwrite(path, new Uint8Array(end - cut), cut);
      const survivors = [...offsets].filter(
        ([position, offset]) => offset + recordOverheadBytes + entry(position).length <= cut,
      );
      const lastSurvivor = survivors.at(-1)?.[0] ?? lastBatch.first - 1;
      await inCase(`cut at ${cut}`, async () => expect(await goOn()).toBe(lastSurvivor));
      await makeJournal();
      fileSystem.overwrite(path, before, 0);
    }
  });

  test('that lost any of its sectors is truncated, and the journal goes on', async () => {
    const { path, offsets, end } = await lastSegmentOffsets();
    const start = offsets.get(lastBatch.first) ?? 0;
    for (let sector = Math.floor(start / 512); sector * 512 < end; sector += 1) {
      await makeJournal();
      const from = Math.max(start, sector * 512);
      fileSystem.overwrite(path, new Uint8Array((sector + 1) * 512 - from), from);
      const survivors = [...offsets].filter(
        ([position, offset]) => offset + recordOverheadBytes + entry(position).length <= from,
      );
      const lastSurvivor = survivors.at(-1)?.[0] ?? lastBatch.first - 1;
      await inCase(`sector ${sector} lost`, async () => expect(await goOn()).toBe(lastSurvivor));
    }
  });

  test('never comes back behind what is appended in its place', async () => {
    // Three records of a sector each in one batch, of which the first is lost: the others stand where appends will end.
    const payload = new Uint8Array(512 - recordOverheadBytes).fill(7);
    const replacement = new Uint8Array(512 - recordOverheadBytes).fill(8);
    await createEmbeddedJournal('/sectors', options);
    const journal = await openEmbeddedJournal('/sectors', options);
    for (let count = 0; count < 3; count += 1) journal.append(payload, 'sync');
    await journal.close();
    fileSystem.overwrite('/sectors/segments/0000000000000001.segment', new Uint8Array(512), recordsOffset);
    const reopened = await openEmbeddedJournal('/sectors', options);
    expect(reopened.lastPosition).toBe(0);
    expect(reopened.append(replacement, 'sync')).toBe(1);
    await reopened.close();
    const again = await openEmbeddedJournal('/sectors', options);
    expect(again.lastPosition).toBe(1);
    expect(await readAll(again, 1, 1)).toEqual([hex(replacement)]);
    await again.close();
  });

  /** Opens, appends four entries and checks them all after opening again; returns where the journal went on. */
  async function goOn(): Promise<number> {
    const journal = await openEmbeddedJournal('/journal', options);
    const lastSurvivor = journal.lastPosition;
    for (let count = 0; count < 4; count += 1) journal.append(entry(journal.lastPosition + 1), 'sync');
    await journal.close();
    const again = await openEmbeddedJournal('/journal', options);
    expect(again.lastPosition).toBe(lastSurvivor + 4);
    const expected = Array.from({ length: lastSurvivor + 4 }, (_, index) => hex(entry(index + 1)));
    expect(await readAll(again, 1, lastSurvivor + 4)).toEqual(expected);
    await again.close();
    return lastSurvivor;
  }
});

describe('a file', () => {
  test('that is cut off at any byte is damage: no crash shortens a segment', async () => {
    for (const path of await segmentPaths()) {
      const before = fileSystem.bytesOf(path);
      for (let length = 0; length < before.length; length += 7) {
        fileSystem.truncate(path, length);
        expect(await damageMessage()).toContain(path);
        fileSystem.overwrite(path, before, 0);
      }
    }
  });

  test('that is missing stops the broker, whichever segment it is', async () => {
    const paths = await segmentPaths();
    for (const path of paths) {
      await fileSystem.rename(path, '/hidden');
      expect(await damageMessage()).toContain('restore');
      await fileSystem.rename('/hidden', path);
    }
    for (const [index, path] of paths.entries()) await fileSystem.rename(path, `/hidden-${index}`);
    {
      const message = await damageMessage();
      for (const words of [segmentsFolder, 'no segment']) expect(message).toContain(words);
    }
  });

  test('of another journal stops the broker', async () => {
    const path = (await segmentPaths())[0] ?? '';
    const other = { ...options, random: seededRandom(seed + 1) };
    await createEmbeddedJournal('/other', other);
    await fileSystem.rename(`/other/segments/${path.slice(-24)}`, path);
    expect(await damageMessage()).toContain('another journal');
  });

  test('of a newer format version stops the broker and says what to do', async () => {
    for (const [path, checksumOffset] of [
      [(await segmentPaths())[0] ?? '', 40],
      [snapshotPath, 32],
    ] as const) {
      const before = fileSystem.bytesOf(path);
      const newer = before.slice();
      const view = new DataView(newer.buffer);
      view.setUint32(8, 2, true);
      view.setUint32(checksumOffset, crc32c(newer, 0, checksumOffset), true);
      fileSystem.overwrite(path, newer, 0);
      {
        const message = await damageMessage();
        for (const words of [path, 'version 2', 'start the release that wrote it'])
          expect(message).toContain(words);
      }
      fileSystem.overwrite(path, before, 0);
    }
  });

  test('that is not ours stops the broker', async () => {
    const path = (await segmentPaths())[0] ?? '';
    fileSystem.overwrite(path, new TextEncoder().encode('something else'), 0);
    {
      const message = await damageMessage();
      for (const words of [path, 'not a journal segment']) expect(message).toContain(words);
    }
  });

  test('that is a snapshot of positions the segments do not have stops the broker', async () => {
    const journal = await openEmbeddedJournal('/journal', options);
    await journal.saveSnapshot(last, from([entry(1)]));
    await journal.close();
    const { path, offsets, end } = await lastSegmentOffsets();
    const start = offsets.get(lastBatch.first) ?? 0;
    fileSystem.overwrite(path, new Uint8Array(end - start), start);
    {
      const message = await damageMessage();
      for (const words of ['snapshot of position 48', 'segments end at 45']) expect(message).toContain(words);
    }
  });
});

/**
 * Goal: every journal back end keeps the promises of `journal.ts`. Method: one suite, run by each of them on real entries;
 * what only a disk can do (crash, tear, rot) is tested in `test/recovery`.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { JournalFailure, type Journal } from './journal.ts';
import { PositionsReleased } from './positions-released.ts';

/** A new, empty journal and what the suite needs around it. */
export interface JournalFixture {
  readonly journal: Journal;
  /** Closes the journal and opens it again; absent where nothing outlives it. */
  readonly reopen?: () => Promise<Journal>;
  /** Frees whatever the fixture took; the journal may be closed already. */
  readonly dispose: () => Promise<void>;
}

/** Runs the contract on journals that `create` makes. */
export function describeJournal(name: string, create: () => Promise<JournalFixture>): void {
  describe(`${name} journal`, () => {
    const fixtures: JournalFixture[] = [];
    const start = async (): Promise<JournalFixture> => {
      const fixture = await create();
      fixtures.push(fixture);
      return fixture;
    };
    afterEach(async () => {
      for (const fixture of fixtures.splice(0)) await fixture.dispose();
    });
    describeEntries(start);
    describeReading(start);
    describeSnapshots(start);
    describeReleasing(start);
    describeReopening(start);
  });
}

type Start = () => Promise<JournalFixture>;

function describeEntries(start: Start): void {
  test('a new journal is empty', async () => {
    const { journal } = await start();
    expect(journal.firstPosition).toBe(1);
    expect(journal.lastPosition).toBe(0);
    expect(journal.durablePosition).toBe(0);
    expect(journal.snapshots()).toEqual([]);
    await journal.flush();
  });

  test('positions go up from 1 without a gap and are given at once', async () => {
    const { journal } = await start();
    const positions = Array.from({ length: 100 }, (_, index) => journal.append(entry(index), 'sync'));
    expect(positions).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(journal.lastPosition).toBe(100);
    expect(journal.durablePosition).toBe(0);
    await journal.flush();
    expect(journal.durablePosition).toBe(100);
  });

  test('the listener hears of durable positions in order, the last one included', async () => {
    const { journal } = await start();
    const heard: number[] = [];
    const all = new Promise<void>((resolve) => {
      journal.onDurable((position) => {
        expect(position).toBe(journal.durablePosition);
        heard.push(position);
        if (position === 20) resolve();
        else if (position === journal.lastPosition) journal.append(entry(position), 'sync');
      });
    });
    for (let index = 0; index < 10; index += 1) journal.append(entry(index), 'sync');
    await all;
    expect(heard).toEqual([...new Set(heard)].sort((one, other) => one - other));
    expect(heard.at(-1)).toBe(20);
  });

  test('lazy entries become durable without anybody waiting for them', async () => {
    const { journal } = await start();
    const durable = new Promise<number>((resolve) => journal.onDurable(resolve));
    expect(journal.append(entry(1), 'lazy')).toBe(1);
    expect(await durable).toBe(1);
  });

  test('the payload is copied when it is appended', async () => {
    const { journal } = await start();
    const payload = entry(7);
    journal.append(payload, 'sync');
    payload.fill(0);
    expect(await readAll(journal, 1, 1)).toEqual([hex(entry(7))]);
  });

  test('a closed journal takes nothing more and has made everything durable', async () => {
    const { journal } = await start();
    journal.append(entry(1), 'lazy');
    await journal.close();
    expect(journal.durablePosition).toBe(1);
    expect(() => journal.append(entry(2), 'sync')).toThrow(JournalFailure);
    await journal.close();
  });

  test('stored bytes grow with what is stored', async () => {
    const { journal } = await start();
    const before = journal.storedBytes;
    for (let index = 0; index < 64; index += 1) journal.append(new Uint8Array(100_000), 'lazy');
    await journal.flush();
    expect(journal.storedBytes).toBeGreaterThanOrEqual(before + 1_000_000);
  });
}

function describeReading(start: Start): void {
  test('reads back every entry byte for byte, of every size, the empty one included', async () => {
    const { journal } = await start();
    const seed = 11;
    const random = seededRandom(seed);
    const sizes = [0, 1, 2, 483, 484, 511, 512, 513, 4_096, 65_536, 300_000, 3_000_000];
    const payloads = sizes.map((size) => Uint8Array.from({ length: size }, () => random.below(256)));
    for (const payload of payloads) journal.append(payload, 'sync');
    expect(await readAll(journal, 1, sizes.length), `seed ${seed}`).toEqual(payloads.map(hex));
  });

  test('reads any range, in order and in bounded batches', async () => {
    const { journal } = await start();
    const seed = 12;
    const random = seededRandom(seed);
    const count = 3_000;
    for (let index = 1; index <= count; index += 1)
      journal.append(entry(index), index % 3 === 0 ? 'lazy' : 'sync');
    for (let round = 0; round < 30; round += 1) {
      const from = 1 + random.below(count);
      const to = from + random.below(count - from + 1);
      const positions: number[] = [];
      for await (const batch of journal.read(from, to)) {
        expect(batch.length).toBeGreaterThan(0);
        for (const { position, payload } of batch) {
          positions.push(position);
          expect(hex(payload), `seed ${seed}`).toBe(hex(entry(position)));
        }
      }
      expect(positions).toEqual(Array.from({ length: to - from + 1 }, (_, index) => from + index));
    }
  });

  test('reading sees what was appended and is not durable yet', async () => {
    const { journal } = await start();
    journal.append(entry(1), 'sync');
    journal.append(entry(2), 'lazy');
    expect(await readAll(journal, 1, 2)).toEqual([hex(entry(1)), hex(entry(2))]);
  });

  test('an empty range holds nothing', async () => {
    const { journal } = await start();
    journal.append(entry(1), 'sync');
    expect(await readAll(journal, 2, 1)).toEqual([]);
  });

  test('appending goes on while somebody reads', async () => {
    const { journal } = await start();
    for (let index = 1; index <= 1_000; index += 1) journal.append(entry(index), 'lazy');
    let position = 0;
    for await (const batch of journal.read(1, 1_000)) {
      for (const item of batch) expect(item.position).toBe((position += 1));
      journal.append(entry(journal.lastPosition + 1), 'sync');
    }
    expect(position).toBe(1_000);
    expect(await readAll(journal, 1_001, 1_001)).toEqual([hex(entry(1_001))]);
  });
}

function describeSnapshots(start: Start): void {
  test('a snapshot is read back as it was written, whatever its chunks were', async () => {
    const { journal } = await start();
    for (let index = 1; index <= 10; index += 1) journal.append(entry(index), 'lazy');
    // The second large one lies across the end of a reader's window, the third is larger than it.
    const large = [700_000, 700_000, 1_500_000].map((length, index) =>
      new Uint8Array(length).fill(index + 3),
    );
    const chunks = [entry(1), new Uint8Array(0), ...large, entry(2)];
    const info = await journal.saveSnapshot(10, from(chunks));
    expect(info.position).toBe(10);
    expect(journal.durablePosition).toBeGreaterThanOrEqual(10);
    expect(journal.snapshots()).toEqual([info]);
    expect(await readChunks(journal, 10)).toBe(hex(Buffer.concat(chunks)));
  });

  test('snapshots are listed oldest first, each once', async () => {
    const { journal } = await start();
    for (let index = 1; index <= 10; index += 1) journal.append(entry(index), 'sync');
    for (const position of [4, 8, 2, 8]) await journal.saveSnapshot(position, from([entry(position)]));
    expect(journal.snapshots().map(({ position }) => position)).toEqual([2, 4, 8]);
    expect(await readChunks(journal, 8)).toBe(hex(entry(8)));
  });

  test('a snapshot whose chunks fail is not there, and the journal goes on', async () => {
    const { journal } = await start();
    journal.append(entry(1), 'sync');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield entry(1);
      throw new Error('no more state');
    }
    await expect(journal.saveSnapshot(1, failing())).rejects.toThrow('no more state');
    expect(journal.snapshots()).toEqual([]);
    expect(journal.append(entry(2), 'sync')).toBe(2);
    await journal.flush();
  });

  test('an empty snapshot is one too', async () => {
    const { journal } = await start();
    journal.append(entry(1), 'sync');
    await journal.saveSnapshot(1, from([]));
    expect(await readChunks(journal, 1)).toBe('');
  });
}

function describeReleasing(start: Start): void {
  test('without a snapshot nothing is freed', async () => {
    const { journal } = await start();
    await appendMany(journal, 200);
    await journal.releaseBefore(150);
    expect(journal.firstPosition).toBe(1);
    expect((await readAll(journal, 1, 200)).length).toBe(200);
  });

  test('everything from the newest snapshot at or below the position stays', async () => {
    const { journal } = await start();
    await appendMany(journal, 300);
    for (const position of [100, 200, 250]) await journal.saveSnapshot(position, from([entry(position)]));
    await journal.releaseBefore(249);
    expect(journal.snapshots().map(({ position }) => position)).toEqual([200, 250]);
    expect(journal.firstPosition).toBeGreaterThan(1);
    expect(journal.firstPosition).toBeLessThanOrEqual(201);
    expect((await readAll(journal, 201, 300)).length).toBe(100);
    expect(await readChunks(journal, 200)).toBe(hex(entry(200)));
  });

  test('reading released positions is refused and never skips them', async () => {
    const { journal } = await start();
    await appendMany(journal, 300);
    await journal.saveSnapshot(300, from([entry(300)]));
    await journal.releaseBefore(300);
    await expect(readAll(journal, 1, 300)).rejects.toThrow(PositionsReleased);
  });

  test('a snapshot that was released is refused as released', async () => {
    const { journal } = await start();
    await appendMany(journal, 300);
    for (const position of [100, 200]) await journal.saveSnapshot(position, from([entry(position)]));
    await journal.releaseBefore(200);
    await expect(readChunks(journal, 100)).rejects.toThrow(PositionsReleased);
    expect(await readChunks(journal, 200)).toBe(hex(entry(200)));
  });

  test('a reader whose positions go away in the middle is told so', async () => {
    const { journal } = await start();
    await appendMany(journal, 2_000);
    await journal.saveSnapshot(2_000, from([entry(1)]));
    const reader = journal.read(1, 2_000)[Symbol.asyncIterator]();
    const first = await reader.next();
    expect(first.value?.[0]?.position).toBe(1);
    await journal.releaseBefore(2_000);
    const drain = async (): Promise<void> => {
      while (!(await reader.next()).done);
    };
    await expect(drain()).rejects.toThrow(PositionsReleased);
  });
}

function describeReopening(start: Start): void {
  test('reopened, it holds the same entries and snapshots and goes on behind them', async (context) => {
    const { journal, reopen } = await start();
    context.skip(reopen === undefined, 'nothing outlives this journal');
    if (reopen === undefined) return;
    await appendMany(journal, 300);
    await journal.saveSnapshot(120, from([entry(120)]));
    await journal.saveSnapshot(280, from([entry(280)]));
    await journal.releaseBefore(130);
    const before = {
      first: journal.firstPosition,
      snapshots: journal.snapshots(),
      bytes: journal.storedBytes,
    };
    const again = await reopen();
    expect(again.lastPosition).toBe(300);
    expect(again.durablePosition).toBe(300);
    expect({ first: again.firstPosition, snapshots: again.snapshots() }).toEqual({
      first: before.first,
      snapshots: before.snapshots,
    });
    expect(again.storedBytes).toBe(before.bytes);
    expect(again.append(entry(301), 'sync')).toBe(301);
    expect(await readAll(again, 121, 301)).toEqual(
      Array.from({ length: 181 }, (_, index) => hex(entry(index + 121))),
    );
    expect(await readChunks(again, 120)).toBe(hex(entry(120)));
  });
}

/** The entry that these tests store at a position: 20 to 400 bytes, different for each. */
export function entry(position: number): Uint8Array {
  const random = seededRandom(position);
  return Uint8Array.from({ length: 20 + random.below(381) }, () => random.below(256));
}

/** Chunks for `saveSnapshot`. */
export async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** The payloads of a range in hexadecimal, after checking that their positions have no gap. */
export async function readAll(journal: Journal, first: number, last: number): Promise<readonly string[]> {
  const payloads: string[] = [];
  for await (const batch of journal.read(first, last)) {
    for (const { position, payload } of batch) {
      expect(position).toBe(first + payloads.length);
      payloads.push(hex(payload));
    }
  }
  return payloads;
}

/** All of a stored snapshot in hexadecimal. */
export async function readChunks(journal: Journal, position: number): Promise<string> {
  let text = '';
  for await (const chunk of journal.readSnapshot(position)) text += hex(chunk);
  return text;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

async function appendMany(journal: Journal, last: number): Promise<void> {
  for (let position = journal.lastPosition + 1; position <= last; position += 1) {
    journal.append(entry(position), 'sync');
    if (position % 10 === 0) await journal.flush();
  }
}

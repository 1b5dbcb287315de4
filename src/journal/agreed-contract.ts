/**
 * Goal: every agreed log keeps the promises of `agreed-log.ts`. Method: one suite, run by each back end on two ends of one log, as two brokers have
 * them; what only servers can do (die, be cut off) is tested beside them.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { AgreedLogClosed } from './agreed-log.ts';
import type { AgreedLog, AgreedLogEntry } from './agreed-log.ts';
import { entry } from './contract.ts';
import { JournalDamage } from './journal.ts';

/** A new, empty log that several may take part in. */
export interface AgreedLogFixture {
  join(): Promise<AgreedLog>;
  /** Frees whatever the fixture took. */
  dispose(): Promise<void>;
}

/** Runs the contract on logs that `create` makes. */
export function describeAgreedLog(name: string, create: () => Promise<AgreedLogFixture>): void {
  describe(`${name} log`, () => {
    const fixtures: { readonly fixture: AgreedLogFixture; readonly logs: AgreedLog[] }[] = [];
    const join = async (count: number): Promise<AgreedLog[]> => {
      const fixture = await create();
      const logs: AgreedLog[] = [];
      fixtures.push({ fixture, logs });
      for (let index = 0; index < count; index += 1) logs.push(await fixture.join());
      return logs;
    };
    const two = async (): Promise<[AgreedLog, AgreedLog]> => {
      const [one, other] = await join(2);
      if (one === undefined || other === undefined) throw new Error('two were asked for');
      return [one, other];
    };
    afterEach(async () => {
      for (const { fixture, logs } of fixtures.splice(0)) {
        for (const log of logs) await log.close();
        await fixture.dispose();
      }
    });

    describeOrder(two);
    describeFollowing(two);
  });
}

type Two = () => Promise<[AgreedLog, AgreedLog]>;

function describeOrder(two: Two): void {
  test('gives sequences from 1 without a gap', async () => {
    const [log] = await two();
    for (let index = 1; index <= 5; index += 1)
      expect(await log.append(`a-${index}`, entry(index))).toBe(index);
  });

  test('gives everybody the same entries in the same order, whoever appended them', async () => {
    const [one, other] = await two();
    const count = 100;
    const appended = [one, other].flatMap((log, end) =>
      Array.from({ length: count }, (_, index) => log.append(`${end}-${index}`, entry(end * count + index))),
    );
    const sequences = await Promise.all(appended);
    expect([...sequences].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 2 * count }, (_, index) => index + 1),
    );
    const seen = await take(one, 1, 2 * count);
    expect(await take(other, 1, 2 * count)).toEqual(seen);
    const times = async (log: AgreedLog): Promise<number[]> =>
      (await entries(log, 1, 2 * count)).map(({ timeMs }) => timeMs);
    expect(await times(other)).toEqual(await times(one));
    for (const [index, sequence] of sequences.entries())
      expect(seen[sequence - 1]).toBe(`${sequence} ${hex(entry(index))}`);
  });

  test('stores an id once and tells whoever repeats it where', async () => {
    const [one, other] = await two();
    expect(await one.append('a-1', entry(1))).toBe(1);
    expect(await one.append('a-2', entry(2))).toBe(2);
    expect(await one.append('a-1', entry(1))).toBe(1);
    expect(await other.append('a-2', entry(2))).toBe(2);
    expect(await other.append('b-1', entry(3))).toBe(3);
  });
}

function describeFollowing(two: Two): void {
  test('is followed from anywhere, and on to what comes later', async () => {
    const [one, other] = await two();
    for (let index = 1; index <= 10; index += 1) await one.append(`a-${index}`, entry(index));
    const following = take(other, 8, 5);
    for (let index = 11; index <= 12; index += 1) await one.append(`a-${index}`, entry(index));
    expect(await following).toEqual([8, 9, 10, 11, 12].map((index) => `${index} ${hex(entry(index))}`));
  });

  test('keeps entries of every size byte for byte', async () => {
    const [one, other] = await two();
    const sizes = [0, 1, 511, 4_096, 65_536, one.entryBytesMax];
    for (const [index, size] of sizes.entries())
      await one.append(`a-${index}`, new Uint8Array(size).fill(index + 1));
    const seen = await entries(other, 1, sizes.length);
    expect(seen.map(({ payload }) => payload.length)).toEqual(sizes);
    for (const [index, { payload }] of seen.entries())
      expect(payload.every((byte) => byte === index + 1)).toBe(true);
  });

  test('tells where it begins and ends, and is cut at its beginning only', async () => {
    const [one, other] = await two();
    expect(await one.bounds()).toEqual({ first: 1, last: 0 });
    for (let index = 1; index <= 10; index += 1) await one.append(`a-${index}`, entry(index));
    expect(await other.bounds()).toEqual({ first: 1, last: 10 });
    await one.cut(7);
    expect(await other.bounds()).toEqual({ first: 8, last: 10 });
    expect(await take(other, 8, 3)).toEqual([8, 9, 10].map((index) => `${index} ${hex(entry(index))}`));
    await expect(take(other, 7, 1)).rejects.toThrow(JournalDamage);
    await one.cut(10);
    expect(await other.bounds()).toEqual({ first: 11, last: 10 });
    expect(await one.append('a-11', entry(11))).toBe(11);
  });

  test('ends for whoever has closed it, and goes on for others', async () => {
    const [one, other] = await two();
    await one.append('a-1', entry(1));
    const following = take(one, 1, 2);
    await one.close();
    expect((await following).length).toBeLessThan(2);
    await expect(one.append('a-2', entry(2))).rejects.toThrow(AgreedLogClosed);
    expect(await other.append('b-1', entry(3))).toBe(2);
  });
}

/** The entries from a sequence on, as many as are asked for, or until the log is closed. */
export async function entries(log: AgreedLog, from: number, count: number): Promise<AgreedLogEntry[]> {
  const seen: AgreedLogEntry[] = [];
  for await (const each of log.follow(from)) {
    seen.push({ ...each, payload: each.payload.slice() });
    if (seen.length === count) break;
  }
  return seen;
}

async function take(log: AgreedLog, from: number, count: number): Promise<string[]> {
  return (await entries(log, from, count)).map(({ sequence, payload }) => `${sequence} ${hex(payload)}`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

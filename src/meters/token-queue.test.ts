/** Goal: tokens are counted in order, within bounds, and at others' expense as little as promised. Method: a clock that the test moves. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  pastTokensWaitingBytesMax,
  pastTokensWaitingMax,
  tokensWaitingBytesMax,
  tokensWaitingMax,
} from '../base/limits.ts';
import type { Content } from './content.ts';
import { TokenQueue } from './token-queue.ts';
import type { Countable, TokenQueueOptions } from './token-queue.ts';

const text = (data: string): Content => ({ kind: 'text', data, bytes: data.length });

function item(contents: readonly Content[], counted: (tokens: number) => void): Countable {
  return { contents, bytes: contents.reduce((sum, { bytes }) => sum + bytes, 0), counted };
}

/** A tokenizer for which a token is a character; each character takes a step, each step `stepMs`. */
function start(more: Partial<TokenQueueOptions> = {}, stepMs = 0) {
  const clock = new ManualClock();
  let stepped = 0;
  const failures: unknown[] = [];
  const queue = new TokenQueue({
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs() + stepped * stepMs,
      setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
    },
    load: () =>
      Promise.resolve(function* count(counted: string) {
        for (const _ of counted) {
          stepped += 1;
          yield;
        }
        return counted.length;
      }),
    onFailure: (error) => failures.push(error),
    ...more,
  });
  return { queue, clock, failures, steps: () => stepped };
}

/** Lets the loading of the tokenizer come to its end. */
async function loaded(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

describe('a queue of contents to be counted', () => {
  test('tells the tokens of each item, in the order in which they came', async () => {
    const { queue, clock } = start();
    const told: [string, number][] = [];
    queue.add(item([text('abc'), text('de')], (tokens) => told.push(['first', tokens])));
    expect(queue.offer(item([], (tokens) => told.push(['second', tokens])))).toBe(true);
    const bytes: Content = { kind: 'bytes', data: '\u0000'.repeat(9), bytes: 9 };
    queue.add(item([bytes, text('')], (tokens) => told.push(['third', tokens])));
    expect([queue.waiting, queue.waitingBytes]).toEqual([3, 14]);
    await loaded();
    clock.advance(1_000);
    expect(told).toEqual([
      ['first', 5],
      ['second', 0],
      ['third', 3],
    ]);
    expect([queue.waiting, queue.waitingBytes]).toEqual([0, 0]);
  });

  test('counts the same text once', async () => {
    const { queue, clock, steps } = start();
    let tokens = 0;
    for (let count = 0; count < 100; count += 1) queue.add(item([text('abcd')], (told) => (tokens += told)));
    await loaded();
    clock.advance(1_000);
    expect([tokens, steps()]).toEqual([400, 4]);
  });

  test('tells at once what was counted before, but nothing ahead of what waits', async () => {
    const { queue, clock, steps } = start();
    const told: string[] = [];
    const add = (name: string, contents: readonly Content[]): void =>
      queue.add(item(contents, (tokens) => told.push(`${name} ${tokens}`)));
    add('first', [text('abcd')]);
    await loaded();
    clock.advance(1_000);
    const bytes: Content = { kind: 'bytes', data: '', bytes: 9 };
    add('again', [text('abcd'), bytes]);
    expect(queue.offer(item([], (tokens) => told.push(`empty ${tokens}`)))).toBe(true);
    expect([told, queue.waiting]).toEqual([['first 4', 'again 7', 'empty 0'], 0]);
    add('new', [text('abcd'), text('xyz')]);
    add('behind', [text('abcd')]);
    add('last', []);
    expect([told.length, queue.waiting]).toEqual([3, 3]);
    clock.advance(1_000);
    expect(told.slice(3)).toEqual(['new 7', 'behind 4', 'last 0']);
    expect([queue.waiting, queue.waitingBytes, steps()]).toEqual([0, 0, 7]);
  });

  test('looks up few contents at a time, however many an item has', async () => {
    const { queue, clock } = start();
    let tokens = 0;
    const add = (count: number): void =>
      queue.add(
        item(
          Array.from({ length: count }, () => text('ab')),
          (told) => (tokens += told),
        ),
      );
    add(1);
    await loaded();
    clock.advance(1_000);
    add(8);
    expect([tokens, queue.waiting]).toEqual([18, 0]);
    add(9);
    expect([tokens, queue.waiting]).toEqual([18, 1]);
    clock.advance(1_000);
    expect([tokens, queue.waiting]).toEqual([36, 0]);
  });

  test('takes a quarter of the time while the event loop rests, a twentieth while it is busy, and hardly any where it is full', async () => {
    for (const [othersShare, leastMs, mostMs] of [
      [0, 285, 305],
      [0.5, 1_800, 1_905],
      [1, 9_000, 9_905],
    ] as const) {
      const busyMs = (): number => clock.monotonicMs() * othersShare + steps();
      const { queue, clock, steps } = start({ busyMs }, 1);
      let done = 0;
      for (let count = 0; count < 100; count += 1) {
        const letter = String.fromCodePoint(0x4e00 + count);
        queue.add(item([text(letter)], () => (done = clock.monotonicMs())));
      }
      await loaded();
      clock.advance(10_000);
      expect(done).toBeGreaterThanOrEqual(leastMs);
      expect(done).toBeLessThanOrEqual(mostMs);
    }
  });

  test('takes what is read up to half of its bounds, and says when it has room for more', async () => {
    const { queue, clock } = start();
    const half: Content = { kind: 'bytes', data: '', bytes: tokensWaitingBytesMax / 2 };
    expect(queue.offer(item([half], () => undefined))).toBe(true);
    expect(queue.offer(item([half], () => undefined))).toBe(false);
    expect(queue.hasRoom).toBe(true);
    queue.add(item([half], () => undefined));
    expect(queue.hasRoom).toBe(false);
    let roomy = 0;
    queue.onRoomForPast(() => (roomy += 1));
    await loaded();
    expect(roomy).toBe(0);
    clock.advance(1_000);
    expect([roomy, queue.waiting]).toEqual([1, 0]);
    queue.onRoomForPast(() => (roomy += 1));
    expect(roomy).toBe(2);
  });

  test('lets little of what is read from the journal wait, so that it does not grow old', () => {
    const { queue } = start();
    let taken = 0;
    for (; queue.hasRoomForPast; taken += 1) queue.add(item([], () => undefined));
    expect([taken, queue.hasRoom]).toEqual([pastTokensWaitingMax, true]);
    const long: Content = { kind: 'bytes', data: '', bytes: pastTokensWaitingBytesMax };
    const other = start().queue;
    other.add(item([long], () => undefined));
    expect([other.hasRoomForPast, other.hasRoom]).toEqual([false, true]);
  });

  test('is bounded in number as in bytes', () => {
    const { queue } = start();
    let taken = 0;
    while (queue.offer(item([], () => undefined))) taken += 1;
    expect(taken).toBe(tokensWaitingMax / 2);
  });

  test('takes nothing more where there is no tokenizer, says so once, and holds nobody up', async () => {
    const { queue, clock, failures } = start({ load: () => Promise.reject(new Error('no such file')) });
    let roomy = 0;
    queue.add(item([text('x'.repeat(tokensWaitingBytesMax))], () => undefined));
    queue.onRoomForPast(() => (roomy += 1));
    await loaded();
    clock.advance(1_000);
    expect(failures).toEqual([new Error('no such file')]);
    expect([roomy, queue.hasRoom, queue.waiting]).toEqual([1, true, 0]);
    expect(queue.offer(item([text('x')], () => undefined))).toBe(false);
    queue.add(item([text('x')], () => undefined));
    expect([queue.waiting, failures.length]).toEqual([0, 1]);
  });

  test('forgets what waits when it is closed', async () => {
    const { queue, clock } = start();
    let told = 0;
    queue.add(item([text('abc')], () => (told += 1)));
    await loaded();
    queue.close();
    clock.advance(1_000);
    expect([told, queue.waiting]).toEqual([0, 0]);
  });
});

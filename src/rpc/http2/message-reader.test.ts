/** Goal: messages come out as they went in, however the bytes are cut. Method: random messages cut at random places. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RpcError } from '../transport.ts';
import { ByteBudget, MessageReader } from './message-reader.ts';
import { frameOf } from './reply-sink.ts';

const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });

test('messages survive any cutting, and any holding and releasing in between', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat(30)), fc.array(fc.boolean()), (sent, cuts, holds) => {
      const bytes = Buffer.concat(sent.map((message) => frameOf(message)));
      const received: number[][] = [];
      const budget = new ByteBudget(1_000);
      const reader = new MessageReader(40, budget, (payload) => {
        received.push([...payload]);
        if (holds[received.length] === true) reader.hold();
      });
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        if (at < bytes.length && cut > 0) reader.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      while (received.length < sent.length) reader.release();
      expect(received).toEqual(sent.map((message) => [...message]));
      expect(reader.empty).toBe(true);
    }),
    { seed: 3 },
  );
});

test('nothing is delivered while held', () => {
  const received: Uint8Array[] = [];
  const reader = new MessageReader(10, new ByteBudget(100), (payload) => received.push(payload));
  reader.hold();
  reader.push(frameOf(Uint8Array.of(1)));
  expect(received).toEqual([]);
  reader.release();
  expect(received.length).toBe(1);
});

test('a length over the limit is refused as soon as it is known', () => {
  const reader = new MessageReader(10, new ByteBudget(100), () => undefined);
  expect(() => reader.push(Uint8Array.of(0, 0, 0, 0, 11))).toThrow(RpcError);
  const other = new MessageReader(10, new ByteBudget(100), () => undefined);
  expect(() => other.push(Uint8Array.of(2, 0, 0, 0, 1))).toThrow('flags 2');
});

test('incomplete messages share one budget, and give back what they took', () => {
  const budget = new ByteBudget(20);
  const [first, second] = [1, 2].map(() => new MessageReader(100, budget, () => undefined));
  const part = Uint8Array.of(0, 0, 0, 0, 50, 1, 2, 3, 4, 5, 6, 7);
  first?.push(part);
  expect(() => second?.push(part)).toThrow('incomplete requests');
  second?.clear();
  first?.clear();
  expect(() => second?.push(part)).not.toThrow();
});

/** Goal: messages come out whole however the network cuts them. Method: every cut of a stream of messages, and bad prefixes. */
import { expect, test } from 'vitest';
import { HyperloomError } from '../errors.ts';
import { frame, FrameReader } from './frame-reader.ts';

const messages = [
  new Uint8Array(0),
  Uint8Array.of(1),
  Uint8Array.from({ length: 40 }, (_, index) => index),
  new Uint8Array(3),
];
const stream = Buffer.concat(messages.map(frame));

test('every cut into three chunks gives the same messages', () => {
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const { reader, seen } = setUp();
      for (const chunk of [
        stream.subarray(0, first),
        stream.subarray(first, second),
        stream.subarray(second),
      ]) {
        reader.push(chunk);
      }
      expect(seen).toEqual(messages);
      expect(reader.empty).toBe(true);
    }
  }
});

test('byte by byte gives the same messages', () => {
  const { reader, seen } = setUp();
  for (let at = 0; at < stream.length; at += 1) reader.push(stream.subarray(at, at + 1));
  expect(seen).toEqual(messages);
});

test('a stream that ends within a message is not empty', () => {
  const { reader } = setUp();
  reader.push(stream.subarray(0, stream.length - 1));
  expect(reader.empty).toBe(false);
});

test('compressed and oversized messages are refused', () => {
  expect(() => setUp().reader.push(Uint8Array.of(1, 0, 0, 0, 0))).toThrow(HyperloomError);
  expect(() => setUp().reader.push(Uint8Array.of(0, 255, 255, 255, 255))).toThrow(/at most/);
});

function setUp() {
  const seen: Uint8Array[] = [];
  const reader = new FrameReader((bytes, start, end) =>
    seen.push(Uint8Array.from(bytes.subarray(start, end))),
  );
  return { reader, seen };
}

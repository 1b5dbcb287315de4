/** Goal: a message is the same whether its bytes or its frame came first. Method: both, at sizes with lengths of one to three bytes. */
import { expect, test } from 'vitest';
import { EncodedMessage } from './transport.ts';

test.each([0, 1, 255, 256, 70_000])('a message of %i bytes stands behind its length', (length) => {
  const bytes = new Uint8Array(length).fill(7);
  const { frame } = new EncodedMessage(bytes);
  expect(new DataView(frame.buffer).getUint32(1)).toBe(length);
  expect(frame[0]).toBe(0);
  expect(EncodedMessage.ofFrame(frame).bytes).toEqual(bytes);
  expect(EncodedMessage.ofFrame(frame).frame).toBe(frame);
});

test('bytes and frame are made once and shared', () => {
  const message = new EncodedMessage(new Uint8Array([1]));
  expect(message.frame).toBe(message.frame);
  const framed = EncodedMessage.ofFrame(message.frame);
  expect(framed.bytes).toBe(framed.bytes);
});

/**
 * Goal: Huffman coding is reversible, and nothing but what it makes is accepted. Method: the examples of RFC 7541's appendix
 * C, random strings both ways, and every changed padding.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHuffman, encodeHuffman, huffmanBytes } from './huffman.ts';

const decode = (bytes: Uint8Array): string | undefined => decodeHuffman(bytes, 0, bytes.length);

test.each([
  ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
  ['no-cache', 'a8eb10649cbf'],
  ['custom-value', '25a849e95bb8e8b4bf'],
  ['302', '6402'],
  ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
  ['', ''],
])('%j is %s', (text, hex) => {
  expect(Buffer.from(encodeHuffman(text)).toString('hex')).toBe(hex);
  expect(decode(Buffer.from(hex, 'hex'))).toBe(text);
});

test('every string of octets comes back', () => {
  const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(octets, (text) => {
      const bytes = encodeHuffman(text);
      expect(bytes.length).toBe(huffmanBytes(text));
      expect(decode(bytes)).toBe(text);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

test('what is decoded is the only encoding of itself', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = decode(bytes);
      expect([...encodeHuffman(text ?? '')]).toEqual(text === undefined ? [] : [...bytes]);
    }),
    { seed: 2, numRuns: 20_000 },
  );
});

describe('is refused:', () => {
  test.each([
    ['a whole byte of padding', '1fff'],
    ['padding with a zero in it', '1e'],
    ['the end-of-string symbol', 'fffffffc'],
    ['a code that is cut off', 'fffe'],
  ])('%s', (_name, hex) => {
    expect(decode(Buffer.from(hex, 'hex'))).toBeUndefined();
  });
});

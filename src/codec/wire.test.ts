/** Goal: every length and number is written as protobuf writes it. Method: protobuf-es's own writer, around each boundary. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect, test } from 'vitest';
import { CodecDamage } from './damage.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const around = (middle: number) => [middle - 2, middle - 1, middle, middle + 1, middle + 2];
const lengths = [
  ...Array.from({ length: 140 }, (_, length) => length),
  ...around(16_384),
  ...around(2_097_152),
];

test.each(['a', 'é', '記', '🧠'])('texts of %s of all lengths that matter', (character) => {
  for (const bytes of lengths) {
    const text = character.repeat(Math.ceil(bytes / character.length));
    const writer = new WireWriter();
    writer.textAlways(3, text);
    expect(hexOf(writer)).toBe(hex(new BinaryWriter().tag(3, WireType.LengthDelimited).string(text)));
    const reader = readerOf(writer);
    expect(reader.text() === text, `${bytes} bytes of ${character}`).toBe(true);
    expect(reader.next()).toBe(0);
  }
});

test('bytes of all lengths that matter', () => {
  for (const length of lengths) {
    const text = '\u0000\u007f\u0080\u00ff'.repeat(Math.ceil(length / 4)).slice(0, length);
    const writer = new WireWriter();
    writer.binary(3, text);
    const read = length === 0 ? '' : readerOf(writer).binary();
    expect(read === text, `${length} bytes`).toBe(true);
  }
});

test('messages keep their content, however wrong the estimate of their size was', () => {
  for (const estimate of [0, 127, 128, 16_383, 16_384, 2_097_152]) {
    for (const length of [0, 1, 100, 126, 127, 128, 16_382, 16_384, 2_097_150]) {
      const text = 'x'.repeat(length);
      const writer = new WireWriter();
      const outer = writer.open(9, estimate);
      const inner = writer.open(20, estimate);
      writer.text(1, text);
      writer.close(inner);
      writer.uint(2, 7);
      writer.close(outer);
      const message = new BinaryWriter()
        .tag(9, WireType.LengthDelimited)
        .fork()
        .tag(20, WireType.LengthDelimited)
        .fork();
      if (length > 0) message.tag(1, WireType.LengthDelimited).string(text);
      expect(hexOf(writer)).toBe(hex(message.join().tag(2, WireType.Varint).uint32(7).join()));
    }
  }
});

test('numbers at every power of two, in every encoding', () => {
  for (let exponent = 0; exponent <= 62; exponent += 1) {
    for (const value of [
      2n ** BigInt(exponent) - 1n,
      2n ** BigInt(exponent),
      -(2n ** BigInt(exponent)),
      1n - 2n ** BigInt(exponent),
    ]) {
      const writer = new WireWriter();
      writer.sintBigAlways(1, value);
      expect(hexOf(writer)).toBe(hex(new BinaryWriter().tag(1, WireType.Varint).sint64(value)));
      expect(readerOf(writer).sintBig()).toBe(value);
      const number = Number(value);
      if (number < 0 || !Number.isSafeInteger(number)) continue;
      const unsigned = new WireWriter();
      unsigned.uintAlways(1, number);
      expect(hexOf(unsigned)).toBe(hex(new BinaryWriter().tag(1, WireType.Varint).uint64(value)));
      expect(readerOf(unsigned).uint()).toBe(number);
      if (number >= 2 ** 52) continue;
      const signed = new WireWriter();
      signed.sintAlways(1, -number);
      expect(readerOf(signed).sint() + number).toBe(0);
    }
  }
});

test('paths are read as they were written, and malformed ones are damage', () => {
  for (const path of [
    [],
    ['a'],
    ['a', 'ü', 'x'.repeat(255)],
    Array.from({ length: 64 }, () => 'é'.repeat(127)),
  ]) {
    const writer = new WireWriter();
    writer.path(1, path);
    expect(hexOf(writer)).toBe(
      hex(new BinaryWriter().tag(1, WireType.LengthDelimited).string(`/${path.join('/')}`)),
    );
    expect(readerOf(writer).path()).toStrictEqual(path);
  }
  for (const text of ['', 'a', 'a/b', '//', '/a/', '/a//b', '//a']) {
    const writer = new WireWriter();
    writer.textAlways(1, text);
    expect(() => readerOf(writer).path()).toThrow(CodecDamage);
  }
});

test('a writer that is used again lets go of a huge buffer and forgets what it held', () => {
  const writer = new WireWriter();
  writer.text(1, 'x'.repeat(5_000_000));
  writer.reset();
  writer.text(1, 'short');
  expect(writer.view().buffer.byteLength).toBeLessThan(100_000);
  expect(readerOf(writer).text()).toBe('short');
});

function readerOf(writer: WireWriter): WireReader {
  const reader = new WireReader();
  reader.reset(writer.copy());
  reader.next();
  return reader;
}

function hexOf(writer: WireWriter): string {
  return Buffer.from(writer.view()).toString('hex');
}

function hex(writer: BinaryWriter): string {
  return Buffer.from(writer.finish()).toString('hex');
}

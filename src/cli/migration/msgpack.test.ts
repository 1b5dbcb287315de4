/** Goal: MessagePack is read as its specification says, and what is none is refused. Method: bytes by hand, cut at every place. */
import { describe, expect, it } from 'vitest';

import { MsgpackProblem, readMsgpack, type Packed } from './msgpack.ts';

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** What is left of a value without its places. */
function plain(value: Packed): unknown {
  switch (value.kind) {
    case 'nil':
      return null;
    case 'array':
      return value.items.map(plain);
    case 'map':
      return value.entries.map(([key, member]) => [plain(key), plain(member)]);
    case 'extension':
      return { code: value.code, data: Buffer.from(value.data).toString('hex') };
    case 'bytes':
      return Buffer.from(value.value).toString('hex');
    case 'boolean':
    case 'integer':
    case 'float':
    case 'text':
      return value.value;
  }
}

describe('a value', () => {
  it.each<readonly [string, string, unknown]>([
    ['nil', 'c0', null],
    ['a boolean', 'c3', true],
    ['a small integer', '7f', 127],
    ['a small negative integer', 'e0', -32],
    ['an integer of a byte', 'ccff', 255],
    ['of two', 'cdffff', 65_535],
    ['of four', 'ceffffffff', 4_294_967_295],
    ['of eight', 'cf001fffffffffffff', 2 ** 53 - 1],
    ['beyond 2^53', 'cfffffffffffffffff', 2n ** 64n - 1n],
    ['a negative integer of a byte', 'd080', -128],
    ['of two', 'd18000', -32_768],
    ['of four', 'd280000000', -(2 ** 31)],
    ['of eight', 'd38000000000000000', -(2n ** 63n)],
    ['a double', 'cb3ff8000000000000', 1.5],
    ['a single', 'ca3fc00000', 1.5],
    ['a short text', 'a3 e282ac', '€'],
    ['a text of a byte length', 'd901 61', 'a'],
    ['of two', 'da0001 61', 'a'],
    ['of four', 'db00000001 61', 'a'],
    ['bytes', 'c402 00ff', '00ff'],
    ['bytes with a length of two', 'c50002 00ff', '00ff'],
    ['of four', 'c600000002 00ff', '00ff'],
    ['a short array', '92 01 a161', [1, 'a']],
    ['an array with a length of two', 'dc0001 c0', [null]],
    ['of four', 'dd00000001 c0', [null]],
    ['a short map', '81 01 02', [[1, 2]]],
    ['a map with a length of two', 'de0001 a161 c2', [['a', false]]],
    ['of four', 'df00000001 a161 c2', [['a', false]]],
    ['an extension of one', 'd405 aa', { code: 5, data: 'aa' }],
    ['of sixteen', `d8ff ${'11'.repeat(16)}`, { code: -1, data: '11'.repeat(16) }],
    ['of any length', 'c70307 aabbcc', { code: 7, data: 'aabbcc' }],
    ['with a length of two', 'c8000107 aa', { code: 7, data: 'aa' }],
    ['of four', 'c90000000107 aa', { code: 7, data: 'aa' }],
  ])('%s is read, and not without its end', (_, hex, expected) => {
    const whole = bytes(hex);
    expect(plain(readMsgpack(whole))).toEqual(expected);
    for (let end = 0; end < whole.length; end += 1)
      expect(() => readMsgpack(whole.subarray(0, end))).toThrow(MsgpackProblem);
  });

  it('says where its bytes are', () => {
    const value = readMsgpack(bytes('92 01 82 a161 c0 a162 93 01 02 03'));
    const second = value.kind === 'array' ? value.items[1] : undefined;
    expect([second?.start, second?.end]).toEqual([2, 12]);
  });

  it('is refused where more follows, where nothing begins so, and where it is too deep', () => {
    expect(() => readMsgpack(bytes('c0 c0'))).toThrow('1 bytes follow');
    expect(() => readMsgpack(bytes('c1'))).toThrow('0xc1');
    expect(() => readMsgpack(new Uint8Array(100_000).fill(0x91))).toThrow('deep');
    expect(() => readMsgpack(bytes('dd ffffffff'))).toThrow('ends in the middle');
  });
});

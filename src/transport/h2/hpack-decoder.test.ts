/**
 * Goal: header blocks mean what RFC 7541 says, and what it forbids is refused. Method: the examples of its appendix C with
 * the state of the table after each, malformed blocks one by one, and random bytes, which must never do more than be refused.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectionError } from './error-code.ts';
import type { Field } from './field.ts';
import { HpackDecoder } from './hpack-decoder.ts';

const limits = { bytesMax: 32_768, fieldsMax: 128 };

function decode(decoder: HpackDecoder, hex: string): string[] {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  return decoder.decode(bytes, 0, bytes.length).fields.map(({ name, value }) => `${name}: ${value}`);
}

function refusal(hex: string, decoder = new HpackDecoder(4_096, limits)): string {
  try {
    decode(decoder, hex);
  } catch (error) {
    if (error instanceof ConnectionError) return error.code;
    throw error;
  }
  return 'none';
}

const firstRequest = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const secondRequest = [...firstRequest, 'cache-control: no-cache'];
const thirdRequest = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];
const date = 'date: Mon, 21 Oct 2013 20:13:21 GMT';
const location = 'location: https://www.example.com';
const responses = [
  [':status: 302', 'cache-control: private', date, location],
  [':status: 307', 'cache-control: private', date, location],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    location,
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ],
];

describe('the examples of appendix C', () => {
  test('C.2: single fields', () => {
    const decoder = new HpackDecoder(4_096, limits);
    expect(decode(decoder, '400a637573746f6d2d6b65790d637573746f6d2d686561646572')).toEqual([
      'custom-key: custom-header',
    ]);
    expect(decode(decoder, '040c2f73616d706c652f70617468')).toEqual([':path: /sample/path']);
    expect(decode(decoder, '100870617373776f726406736563726574')).toEqual(['password: secret']);
    expect(decode(decoder, '82')).toEqual([':method: GET']);
    // Of these, only the first went into the table.
    expect(decode(decoder, 'be')).toEqual(['custom-key: custom-header']);
    expect(refusal('bf', decoder)).toBe('COMPRESSION_ERROR');
  });

  test.each([
    [
      'C.3: requests without Huffman coding',
      '828684410f7777772e6578616d706c652e636f6d',
      '828684be58086e6f2d6361636865',
      '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    ],
    [
      'C.4: requests with Huffman coding',
      '828684418cf1e3c2e5f23a6ba0ab90f4ff',
      '828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ],
  ])('%s', (_name, first, second, third) => {
    const decoder = new HpackDecoder(4_096, limits);
    expect(decode(decoder, first)).toEqual(firstRequest);
    expect(decode(decoder, second)).toEqual(secondRequest);
    expect(decode(decoder, third)).toEqual(thirdRequest);
    expect(decode(decoder, 'bebfc0')).toEqual([
      'custom-key: custom-value',
      'cache-control: no-cache',
      ':authority: www.example.com',
    ]);
  });

  test.each([
    [
      'C.5: responses without Huffman coding, and evictions',
      `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17
       68747470733a2f2f7777772e6578616d706c652e636f6d`,
      '4803333037c1c0bf',
      `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d41
       53444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b207665727369
       6f6e3d31`,
    ],
    [
      'C.6: responses with Huffman coding, and evictions',
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b
       3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
    ],
  ])('%s', (_name, ...blocks) => {
    const decoder = new HpackDecoder(256, limits);
    expect(blocks.map((block) => decode(decoder, block))).toEqual(responses);
    // 215 bytes: the cookie, the encoding and the date; the rest was evicted.
    expect(decode(decoder, 'bebfc0').map((field) => field.split(':')[0])).toEqual([
      'set-cookie',
      'content-encoding',
      'date',
    ]);
    expect(refusal('c1', decoder)).toBe('COMPRESSION_ERROR');
  });
});

describe('a block is refused', () => {
  test.each([
    ['with index 0', '80'],
    ['with an index beyond the tables', 'be'],
    ['with a name beyond the tables', '7e0161'],
    ['that ends within an integer', 'ff'],
    ['that ends within a string', '400a6375'],
    ['that ends before a value', '4001'],
    ['with an integer of too many bytes', 'ff808080808000'],
    ['with an integer that is too large', 'ffffffffff7f'],
    ['with a string as long as it cannot be', '007fffffff07'],
    ['with a larger table than allowed', '3fe21f'],
    ['with a new table size after a field', '8220'],
    ['with Huffman padding of zeros', '00810082f1e0'],
    ['with Huffman padding of a whole byte', '000161 82 1fff'],
    ['with the end-of-string symbol', '000161 84 ffffffff'],
  ])('%s', (_name, hex) => {
    expect(refusal(hex)).toBe('COMPRESSION_ERROR');
  });
});

describe('the table', () => {
  test('may change its size several times at the beginning of a block, and loses what no longer fits', () => {
    const decoder = new HpackDecoder(4_096, limits);
    decode(decoder, '4001610162');
    expect(decode(decoder, '20 3fe11f 82')).toEqual([':method: GET']);
    expect(refusal('be', decoder)).toBe('COMPRESSION_ERROR');
  });

  test('is emptied by an entry that is larger than all of it', () => {
    const decoder = new HpackDecoder(64, limits);
    decode(decoder, '4001610162');
    const large = `4001637f21${'61'.repeat(160)}`;
    expect(decode(decoder, large)[0]).toMatch(/^c: a{160}$/);
    expect(refusal('be', decoder)).toBe('COMPRESSION_ERROR');
  });

  test('is kept right by a list that is too long to be kept', () => {
    const decoder = new HpackDecoder(4_096, { bytesMax: 100, fieldsMax: 2 });
    const bytes = Buffer.from('82828240016101624001630164', 'hex');
    const list = decoder.decode(bytes, 0, bytes.length);
    expect([list.isCut, list.fields.length]).toEqual([true, 2]);
    expect(decode(decoder, 'bebf')).toEqual(['c: d', 'a: b']);
  });
});

describe('a literal that comes again without being added to the table', () => {
  const field = (decoder: HpackDecoder, hex: string): Field | undefined => {
    const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
    return decoder.decode(bytes, 0, bytes.length).fields[0];
  };
  const literal = (head: string, value: string): string =>
    `${head} ${value.length.toString(16).padStart(2, '0')} ${Buffer.from(value).toString('hex')}`;
  const authorization = '1f 08';

  test('is the very same field; another value, name or form is not', () => {
    const decoder = new HpackDecoder(4_096, limits);
    const first = field(decoder, literal(authorization, 'Bearer a'));
    expect(first).toMatchObject({ name: 'authorization', value: 'Bearer a' });
    expect(field(decoder, literal(authorization, 'Bearer b'))).toMatchObject({ value: 'Bearer b' });
    expect(field(decoder, literal(authorization, 'Bearer a'))).toBe(first);
    expect(field(decoder, literal('0f 08', 'Bearer a'))).toBe(first);
    expect(field(decoder, literal('04', 'Bearer a'))).toMatchObject({ name: ':path', value: 'Bearer a' });
    expect(field(decoder, literal(authorization, 'Bearer'))).toMatchObject({ value: 'Bearer' });
    expect(field(decoder, '04 84 60 7a 05 bf')).toEqual(field(decoder, '04 84 60 7a 05 bf'));
  });

  test('goes by its name, not by where a name lay in the table', () => {
    const decoder = new HpackDecoder(4_096, limits);
    // Both names had index 62 when they were used.
    expect(decode(decoder, '4001610178 0f2f0179')).toEqual(['a: x', 'a: y']);
    expect(decode(decoder, '4001620178 0f2f0179')).toEqual(['b: x', 'b: y']);
  });

  test('is refused where the block ends within it', () => {
    const decoder = new HpackDecoder(4_096, limits);
    const whole = literal(authorization, 'Bearer a');
    decode(decoder, whole);
    expect(refusal(whole.slice(0, -2), decoder)).toBe('COMPRESSION_ERROR');
  });

  test('is forgotten where there are many, or long ones', () => {
    const decoder = new HpackDecoder(4_096, limits);
    const first = field(decoder, literal('04', '/0'));
    for (let path = 1; path < 8; path += 1) field(decoder, literal('04', `/${path}`));
    expect(field(decoder, literal('04', '/0'))).toBe(first);
    field(decoder, literal('04', '/8'));
    const again = field(decoder, literal('04', '/0'));
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
    // 4,100 characters, and what says so.
    const long = `04 7f 85 1f ${'61'.repeat(4_100)}`;
    expect(field(decoder, long)).not.toBe(field(decoder, long));
    expect(field(decoder, literal('04', '/0'))).toBe(again);
  });
});

test('random bytes are decoded or refused, within the limits', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (blocks) => {
      const decoder = new HpackDecoder(512, { bytesMax: 1_000, fieldsMax: 10 });
      try {
        for (const block of blocks) {
          const { fields } = decoder.decode(block, 0, block.length);
          expect(fields.length).toBeLessThanOrEqual(10);
          expect(fields.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(1_000);
        }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        expect(error.code).toBe('COMPRESSION_ERROR');
      }
    }),
    { seed: 7_541, numRuns: 5_000 },
  );
});

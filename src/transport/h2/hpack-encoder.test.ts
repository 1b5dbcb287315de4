/**
 * Goal: what the encoder writes, a decoder reads, whatever was sent before and however the peer changes its table; and what is
 * sent again and again costs a byte a field. Method: the engine's own decoder, which has RFC 7541's examples to prove it,
 * with random sequences of headers and table sizes.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeaderTemplate, type HeaderPair } from './header-template.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder } from './hpack-encoder.ts';

const limits = { bytesMax: 1_000_000, fieldsMax: 1_000 };

function read(decoder: HpackDecoder, block: Uint8Array): HeaderPair[] {
  return decoder.decode(block, 0, block.length).fields.map(({ name, value }) => [name, value]);
}

test('a template is a byte for each field from the second time on', () => {
  const encoder = new HpackEncoder();
  const head = new HeaderTemplate([
    [':status', '200'],
    ['content-type', 'application/grpc+proto'],
    ['x-own', 'value'],
  ]);
  expect(encoder.encode(head).length).toBeGreaterThan(20);
  expect([...encoder.encode(head)]).toEqual([0x88, 0xbf, 0xbe]);
  // Another template moves the indices of the first.
  encoder.encode(new HeaderTemplate([['grpc-status', '0']]));
  expect([...encoder.encode(head)]).toEqual([0x88, 0xc0, 0xbf]);
});

test('fields of one message stay out of the table', () => {
  const encoder = new HpackEncoder();
  const pairs: HeaderPair[] = [['x-once', 'value']];
  expect(encoder.encode(pairs).length).toBe(encoder.encode(pairs).length);
  expect(encoder.encode(pairs)[0]).toBe(0);
});

test('white space around a value is left out', () => {
  const block = new HpackEncoder().encode([['x', ' \ta b\t ']]);
  expect(read(new HpackDecoder(4_096, limits), block)).toEqual([['x', 'a b']]);
});

test.each(['a\r\nb', 'a\0', '\u010a', '\u007f'])('the value %j is not sent', (value) => {
  expect(() => new HpackEncoder().encode([['x', value]])).toThrow(TypeError);
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const value = fc.oneof(
  fc.stringMatching(/^[!-~]{0,40}$/),
  fc.constantFrom('200', 'GET', '/', 'gzip, deflate', 'ü'),
);
const pairs = fc.array(fc.tuple(fc.oneof(name, fc.constantFrom(':status', 'content-type', 'te')), value), {
  maxLength: 6,
});
const step = fc.oneof(
  fc.record({ template: fc.nat(4) }),
  fc.record({ once: pairs }),
  fc.record({ tableBytes: fc.constantFrom(0, 40, 100, 4_096, 65_536) }),
);

test('every sequence of headers and table sizes is read as it was written', () => {
  fc.assert(
    fc.property(
      fc.array(pairs, { minLength: 5, maxLength: 5 }),
      fc.array(step, { maxLength: 40 }),
      (lists, steps) => {
        const templates = lists.map((list) => new HeaderTemplate(list));
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(65_536, limits);
        for (const each of steps) {
          if ('tableBytes' in each) encoder.allowTableBytes(each.tableBytes);
          else {
            const headers = 'once' in each ? each.once : templates[each.template];
            if (headers === undefined) throw new Error('no such template');
            const expected = headers instanceof HeaderTemplate ? headers.pairs : headers;
            expect(read(decoder, encoder.encode(headers))).toEqual(expected.map(([n, v]) => [n, v]));
          }
        }
      },
    ),
    { seed: 7_541, numRuns: 1_000 },
  );
});

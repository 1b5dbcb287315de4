/**
 * Goal: frames are the same however their bytes are cut into reads. Method: random frames, cut at random places; frames that
 * are too large, refused by their first nine bytes.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';
import { rawFrame } from '../../../test/http2/raw-frames.ts';

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: string;
}

function collector(): { readonly seen: Seen[]; readonly reader: FrameReader } {
  const seen: Seen[] = [];
  const reader = new FrameReader(16_384, {
    onFrame: (type, flags, streamId, bytes, start, end) =>
      seen.push({ type, flags, streamId, payload: bytes.toString('hex', start, end) }),
  });
  return { seen, reader };
}

const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  streamId: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  payload: fc.uint8Array({ maxLength: 60 }),
});

test('frames are the same however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(
          frames.map((each) => rawFrame(each.type, each.flags, each.streamId, each.payload)),
        );
        const { seen, reader } = collector();
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const length = cuts[turn % cuts.length] ?? 1;
          reader.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(seen).toEqual(
          frames.map(({ type, flags, streamId, payload }) => ({
            type,
            flags,
            streamId,
            payload: Buffer.from(payload).toString('hex'),
          })),
        );
      },
    ),
    { seed: 9_113, numRuns: 2_000 },
  );
});

test.each([
  ['in one piece', [0, 64, 1, 0, 0, 0, 0, 0, 1]],
  ['once all of its header has come', [0, 64]],
])('a frame that is too large is refused %s', (_name, first) => {
  const { seen, reader } = collector();
  const bytes = Buffer.from([0, 64, 1, 0, 0, 0, 0, 0, 1]);
  expect(() => {
    reader.push(Buffer.from(first));
    reader.push(bytes.subarray(first.length));
  }).toThrow('16385');
  expect(seen).toEqual([]);
});

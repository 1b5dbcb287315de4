/**
 * Structured fuzzing: random conversations of frames that are right, nearly right, or noise, cut into random reads. Whatever
 * comes, the engine must throw nothing, send only what a client can read, and leave nothing behind when it is over.
 */
import { duplexPair } from 'node:stream';
import * as fc from 'fast-check';
import { systemClock } from '../../src/base/clock.ts';
import { Http2Connection } from '../../src/transport/h2/connection.ts';
import { FlushTurn } from '../../src/transport/h2/flush-turn.ts';
import { clientPreface, frameTypes } from '../../src/transport/h2/frame.ts';
import { FrameReader } from '../../src/transport/h2/frame-reader.ts';
import { HpackDecoder } from '../../src/transport/h2/hpack-decoder.ts';
import { http2Limits } from '../../src/transport/h2/limits.ts';
import type { Http2Stream } from '../../src/transport/h2/stream.ts';
import { literalBlock, rawFrame, requestPairs, uint32 } from './raw-frames.ts';

const streamId = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 8 }).map((index) => index * 2 + 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2, 2 ** 31 - 1) },
);
const name = fc.constantFrom(
  ':method',
  ':path',
  ':status',
  'te',
  'content-length',
  'x',
  'X',
  '',
  'connection',
  'x-long',
);
const value = fc.oneof(
  fc.constantFrom('GET', 'trailers', '5', '', ' x', 'v'.repeat(300)),
  fc.string({ maxLength: 5 }),
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 4 });
const indexed = fc.uint8Array({ maxLength: 6 });
const block = fc.oneof(
  { weight: 4, arbitrary: pairs.map((more) => literalBlock(requestPairs(more))) },
  { weight: 1, arbitrary: fc.constant(literalBlock(requestPairs())) },
  { weight: 1, arbitrary: pairs.map((only) => literalBlock(only)) },
  { weight: 1, arbitrary: indexed.map((bytes) => Buffer.from(bytes)) },
  // Into the table, out of it, and changes of its size.
  { weight: 1, arbitrary: fc.constantFrom('40016101 62', 'be', '20', '3fe11f', '3fe21f').map(fromHex) },
);
const flags = fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 12, 13, 37), fc.integer({ min: 0, max: 255 }));
const settings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.constantFrom(0, 1, 10, 4_096, 65_535, 2 ** 24, 2 ** 31)))
  .map((list) =>
    Buffer.concat(list.map(([id, number]) => Buffer.concat([Buffer.from([0, id]), uint32(number)]))),
  );
const word = fc.constantFrom(0, 1, 8, 100, 2 ** 31 - 1, 2 ** 32 - 1).map(uint32);
const noise = fc.uint8Array({ maxLength: 40 });

const frame = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(flags, streamId, block)
      .map(([flag, id, bytes]) => rawFrame(frameTypes.HEADERS, flag, id, bytes)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(streamId, block, fc.boolean())
      .map(([id, bytes, isEnd]) =>
        Buffer.concat([
          rawFrame(frameTypes.HEADERS, isEnd ? 1 : 0, id, bytes.subarray(0, 5)),
          rawFrame(frameTypes.CONTINUATION, 4, id, bytes.subarray(5)),
        ]),
      ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(flags, streamId, noise)
      .map(([flag, id, bytes]) => rawFrame(frameTypes.DATA, flag, id, bytes)),
  },
  { weight: 2, arbitrary: streamId.map((id) => rawFrame(frameTypes.DATA, 0, id, Buffer.alloc(16_384))) },
  { weight: 2, arbitrary: settings.map((bytes) => rawFrame(frameTypes.SETTINGS, 0, 0, bytes)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(streamId, word)
      .map(([id, bytes]) => rawFrame(frameTypes.WINDOW_UPDATE, 0, id, bytes)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(streamId, word).map(([id, bytes]) => rawFrame(frameTypes.RST_STREAM, 0, id, bytes)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 12 }), flags, streamId, noise)
      .map(([type, flag, id, bytes]) => rawFrame(type, flag, id, bytes)),
  },
  { weight: 1, arbitrary: noise.map((bytes) => Buffer.from(bytes)) },
);

/** What the owner of a stream does: `seed` decides. */
function own(stream: Http2Stream, seed: number): void {
  const chunks: Uint8Array[] = [];
  const body = new Uint8Array((seed * 7_919) % 100_000);
  if (seed % 5 === 0) return;
  stream.receive({
    onData(chunk) {
      chunks.push(chunk);
      if (seed % 3 === 0) stream.pause();
      if (seed % 7 === 0) setImmediate(() => stream.resume());
      if (seed % 11 === 0) stream.reset('CANCEL');
    },
    onEnd() {
      stream.respond([[':status', '200']]);
      if (seed % 2 === 0) {
        stream.write([body], body.length, () => stream.end([], 0, undefined));
      } else
        stream.end(
          [body, ...chunks],
          body.length + total(chunks),
          seed % 4 === 1 ? [['x-end', '1']] : undefined,
        );
    },
  });
  if (seed % 13 === 0) stream.respondAndEnd([[':status', '404']]);
}

async function converse(frames: readonly Uint8Array[], cuts: readonly number[], seed: number): Promise<void> {
  const [near, far] = duplexPair();
  let streams = 0;
  let ended = false;
  const connection = new Http2Connection(near, {
    clock: systemClock,
    limits: http2Limits({ heldBytesMax: 100_000, streamsMax: 5, headerListBytesMax: 1_000 }),
    turn: new FlushTurn(),
    listener: {
      onStream(stream) {
        streams += 1;
        own(stream, seed + streams);
      },
      onClose() {
        ended = true;
      },
    },
  });
  const decoder = new HpackDecoder(65_536, { bytesMax: 100_000, fieldsMax: 100 });
  const reader = new FrameReader(2 ** 24 - 1, {
    onFrame(type, _flags, _id, bytes, start, end) {
      if (type === frameTypes.HEADERS) decoder.decode(bytes, start, end);
    },
  });
  far.on('data', (chunk: Buffer) => reader.push(chunk));
  far.on('error', () => undefined);
  far.write(
    Buffer.concat([clientPreface, rawFrame(frameTypes.SETTINGS, 0, 0), rawFrame(frameTypes.SETTINGS, 1, 0)]),
  );
  const bytes = Buffer.concat(frames);
  for (let at = 0, turn = 0; at < bytes.length && !far.destroyed; turn += 1) {
    const length = cuts[turn % cuts.length] ?? 1;
    if (far.writable) far.write(bytes.subarray(at, at + length));
    at += length;
    if (turn % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
  connection.destroy();
  far.destroy();
  if (!ended) throw new Error('the connection did not tell that it is over');
  if (connection.streams.open.size > 0) throw new Error('streams are left behind');
}

/** Runs `count` conversations from `seed` on, and tells how many it were. Throws with the smallest one that fails. */
export async function fuzz(seed: number, count: number): Promise<number> {
  let done = 0;
  const cut = fc.constantFrom(1, 3, 9, 10, 50, 1_000, 100_000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 30 }),
      fc.array(cut, { minLength: 1, maxLength: 5 }),
      fc.nat(1_000),
      async (frames, cuts, owner) => {
        await converse(frames, cuts, owner);
        done += 1;
      },
    ),
    { seed, numRuns: count },
  );
  return done;
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/**
 * Goal: what is sent to hurt costs the sender its connection, with the code that says so, and the engine neither memory nor
 * much work. Method: each known attack on HTTP/2 by hand, on a clock that stands still unless time is what the attack takes;
 * after each of them the engine still serves others.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { errorCodes } from './error-code.ts';
import { clientPreface, frameTypes } from './frame.ts';
import { HeldBytes } from './held-bytes.ts';
import { defaultLimits, type Http2Limits } from './limits.ts';
import { type EngineServer, startEngine } from '../../../test/http2/engine-server.ts';
import { Peer } from '../../../test/http2/peer.ts';
import { literalBlock, rawFrame, requestPairs, uint32 } from '../../../test/http2/raw-frames.ts';

let clock: ManualClock;
let server: EngineServer;
let peer: Peer;
beforeEach(async () => {
  await start();
});
afterEach(async () => {
  peer.close();
  const other = await Peer.connect(server.port);
  other.request(1);
  await other.frame(({ headers }) => headers['x-status'] === '0');
  other.close();
  await server.close();
});

async function start(limits: Partial<Http2Limits> = {}): Promise<void> {
  clock = new ManualClock();
  server = await startEngine(limits, clock);
  peer = await Peer.connect(server.port);
}

async function restart(limits: Partial<Http2Limits>): Promise<void> {
  peer.close();
  await server.close();
  await start(limits);
}

/** Sends `frame(0)`, `frame(1)` … until the connection is closed, and tells how many went out. */
async function flood(
  frame: (index: number) => Uint8Array,
  perWrite = 100,
  countMax = 200_000,
): Promise<number> {
  let sent = 0;
  while (!peer.socket.closed && sent < countMax) {
    const batch = Array.from({ length: perWrite }, (_, index) => frame(sent + index));
    sent += perWrite;
    peer.send(...batch);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
}

const request = literalBlock(requestPairs());
const hanging = literalBlock([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/hang'],
]);

describe('streams that are reset', () => {
  test('by the peer as fast as it opens them (rapid reset)', async () => {
    await flood((index) => {
      const id = index * 2 + 1;
      return Buffer.concat([
        rawFrame(frameTypes.HEADERS, 5, id, hanging),
        rawFrame(frameTypes.RST_STREAM, 0, id, uint32(8)),
      ]);
    });
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
    expect(server.streams.length).toBe(defaultLimits.resetsBurst + 1);
    expect(server.connections[0]?.streams.open.size).toBe(0);
  });

  test('by us, because the peer makes us (made you reset)', async () => {
    await flood((index) => {
      const id = index * 2 + 1;
      return Buffer.concat([
        rawFrame(frameTypes.HEADERS, 5, id, hanging),
        rawFrame(frameTypes.WINDOW_UPDATE, 0, id, uint32(0)),
      ]);
    });
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
    expect(server.streams.length).toBe(defaultLimits.resetsBurst + 1);
  });

  test('at a rate that clients have who change their mind are no attack', async () => {
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 200; index += 1) {
        const id = (round * 200 + index) * 2 + 1;
        peer.send(
          rawFrame(frameTypes.HEADERS, 5, id, hanging),
          rawFrame(frameTypes.RST_STREAM, 0, id, uint32(8)),
        );
      }
      await peer.settled();
      clock.advance(1_000);
    }
    expect(server.ends).toEqual([]);
    expect(server.streams.length).toBe(4_000);
  });

  test('by refusals beyond the number of streams at once', async () => {
    await flood((index) => rawFrame(frameTypes.HEADERS, 5, index * 2 + 1, hanging));
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
    expect(server.streams.length).toBe(defaultLimits.streamsMax);
  });
});

describe('headers', () => {
  test.each([
    ['that never end, in large pieces', 16_000],
    ['that never end, in small pieces', 1],
    ['that never end, in empty pieces', 0],
  ])('%s (CONTINUATION flood)', async (_name, bytes) => {
    peer.send(rawFrame(frameTypes.HEADERS, 1, 1, request));
    const sent = await flood(() => rawFrame(frameTypes.CONTINUATION, 0, 1, Buffer.alloc(bytes)), 1);
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
    expect(sent).toBeLessThan(1_000);
    expect(server.streams.length).toBe(0);
  });

  test('that unpack to a thousand times their size (HPACK bomb)', async () => {
    const entry = Buffer.concat([Buffer.from([0x40, 1, 97, 0x7f, 0x81, 0x1e]), Buffer.alloc(4_000, 98)]);
    const bomb = Buffer.concat([request, entry, Buffer.alloc(10_000, 0xbe)]);
    await flood((index) => rawFrame(frameTypes.HEADERS, 5, index * 2 + 1, bomb), 1, 3_000);
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
    expect(peer.frames.filter(({ headers }) => headers[':status'] === '431').length).toBe(
      defaultLimits.resetsBurst,
    );
    expect(server.streams.length).toBe(0);
  });

  test('that are many and empty', async () => {
    const many = Buffer.concat([request, ...Array.from({ length: 3_000 }, () => Buffer.from([0, 1, 97, 0]))]);
    peer.send(rawFrame(frameTypes.HEADERS, 5, 1, many));
    await peer.frame(({ headers }) => headers[':status'] === '431');
    expect(server.streams.length).toBe(0);
  });
});

describe('frames that bring nothing:', () => {
  const open = rawFrame(frameTypes.HEADERS, 4, 1, hanging);
  test.each([
    ['SETTINGS', rawFrame(frameTypes.SETTINGS, 0, 0)],
    ['PING', rawFrame(frameTypes.PING, 0, 0, Buffer.alloc(8))],
    ['DATA', rawFrame(frameTypes.DATA, 0, 1)],
    ['PRIORITY', rawFrame(frameTypes.PRIORITY, 0, 3, Buffer.from([0, 0, 0, 1, 1]))],
    ['WINDOW_UPDATE of a stream', rawFrame(frameTypes.WINDOW_UPDATE, 0, 1, uint32(1))],
    ['WINDOW_UPDATE of the connection', rawFrame(frameTypes.WINDOW_UPDATE, 0, 0, uint32(1))],
    ['unknown ones', rawFrame(0xfe, 0xff, 1, Buffer.alloc(3))],
  ])('%s', async (_name, frame) => {
    peer.send(open);
    await flood(() => frame);
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
  });

  test('pings come seldom, unless data or headers of ours have earned them', async () => {
    await restart({ pingsBurst: 3, pingsPerSecond: 0.2 });
    const ping = rawFrame(frameTypes.PING, 0, 0, Buffer.alloc(8));
    for (let id = 1; id < 40; id += 2) {
      peer.send(rawFrame(frameTypes.HEADERS, 5, id, request), ping, ping, ping);
      await peer.frame(({ streamId, flags }) => streamId === id && (flags & 1) === 1);
      clock.advance(1);
    }
    expect(server.ends).toEqual([]);
    peer.send(rawFrame(frameTypes.HEADERS, 5, 41, request));
    await peer.frame(({ streamId, flags }) => streamId === 41 && (flags & 1) === 1);
    peer.frames.length = 0;
    const answers = (): number => peer.frames.filter(({ type }) => type === frameTypes.PING).length;
    peer.send(ping, ping, ping);
    await peer.frame(() => answers() === 3);
    clock.advance(5_000);
    peer.send(ping);
    await peer.frame(() => answers() === 4);
    peer.send(ping);
    const goAway = await peer.frame(({ type }) => type === frameTypes.GOAWAY);
    expect(goAway.payload.subarray(8).toString()).toBe('too_many_pings');
    expect(await peer.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
  });

  test('window updates that data of ours has earned are no attack', async () => {
    const size = literalBlock([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/size/60000'],
    ]);
    for (let index = 0; index < 500; index += 1) {
      const id = index * 2 + 1;
      peer.send(rawFrame(frameTypes.HEADERS, 5, id, size));
      for (let told = 0; told < 60_000; told += 4_000) {
        peer.widen(0, 4_000);
        peer.widen(id, 4_000);
      }
      await peer.frame(({ streamId, headers }) => streamId === id && headers['x-status'] === '0');
      peer.frames.length = 0;
    }
    expect(server.ends).toEqual([]);
  });
});

describe('a peer that does not read', () => {
  test('is not read from when it makes us say too much', async () => {
    await restart({ idleFramesBurst: 10_000_000, outputBytesMax: 64 * 1024 });
    peer.socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 4_000 }, () => rawFrame(frameTypes.PING, 0, 0, Buffer.alloc(8))),
    );
    // Until the buffers of both sockets are full and more is left over.
    while (peer.socket.writableLength < 500_000) {
      peer.socket.write(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [connection] = server.connections;
    expect(connection?.sender.output.bytes).toBeLessThan(64 * 1024 + 2 * 65_536);
    const readAgain = new Promise((resolve) => peer.socket.once('drain', resolve));
    peer.socket.resume();
    await readAgain;
    expect(server.ends).toEqual([]);
  });
});

describe('a peer that is slow on purpose', () => {
  test('with its preface is closed', async () => {
    const silent = await Peer.silent(server.port);
    silent.send(clientPreface.subarray(0, 10));
    await silent.frame(({ type }) => type === frameTypes.SETTINGS);
    clock.advance(defaultLimits.handshakeMsMax);
    expect(await silent.goAwayCode()).toBe(errorCodes.SETTINGS_TIMEOUT);
    await silent.closed;
  });

  test('with the acknowledgement of our SETTINGS is closed', async () => {
    const silent = await Peer.silent(server.port);
    silent.send(clientPreface, rawFrame(frameTypes.SETTINGS, 0, 0));
    await silent.settled();
    clock.advance(defaultLimits.handshakeMsMax);
    expect(await silent.goAwayCode()).toBe(errorCodes.SETTINGS_TIMEOUT);
  });

  test('with its headers is closed', async () => {
    peer.send(rawFrame(frameTypes.HEADERS, 1, 1, request));
    peer.request(3);
    expect(await peer.goAwayCode()).toBe(errorCodes.PROTOCOL_ERROR);
    const slow = await Peer.connect(server.port);
    await slow.settled();
    const { resets } = server.connections[1] ?? {};
    expect(resets?.take()).toBe(true);
    slow.send(
      rawFrame(frameTypes.PING, 0, 0, Buffer.from('headers!')),
      rawFrame(frameTypes.HEADERS, 1, 1, request),
    );
    await slow.frame(({ payload }) => payload.toString() === 'headers!');
    clock.advance(defaultLimits.headerBlockMsMax);
    expect(await slow.goAwayCode()).toBe(errorCodes.ENHANCE_YOUR_CALM);
  });
});

test('bytes held for a reader take little more than themselves, however small the pieces', () => {
  const held = new HeldBytes();
  const buffer = Buffer.alloc(64 * 1024);
  for (let index = 0; index < 100_000; index += 1)
    held.push(buffer.subarray(index % 60_000, (index % 60_000) + 1));
  expect(held.bytes).toBe(100_000);
  let pieces = 0;
  for (let piece = held.shift(); piece !== undefined; piece = held.shift()) pieces += 1;
  expect(pieces).toBeLessThan(25);
  expect(held.bytes).toBe(0);
});

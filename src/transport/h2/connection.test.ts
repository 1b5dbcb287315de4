/**
 * Goal: connections and streams live and end as RFC 9113 says, where h2spec does not look: flow control both ways, leaving in
 * good order, and what happens to one stream while others go on. Method: the engine on a real socket, and a peer that sends
 * frames by hand. Time is a clock that the test moves.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { errorCodes } from './error-code.ts';
import { frameTypes } from './frame.ts';
import type { HeaderPair } from './header-template.ts';
import type { Http2Limits } from './limits.ts';
import { type EngineServer, startEngine } from '../../../test/http2/engine-server.ts';
import { Peer, type PeerFrame } from '../../../test/http2/peer.ts';
import { literalBlock, rawFrame, requestPairs, uint32 } from '../../../test/http2/raw-frames.ts';

const clock = new ManualClock();
let server: EngineServer;
const peers: Peer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await server.close();
});

async function start(limits: Partial<Http2Limits> = {}, settings?: Uint8Array): Promise<Peer> {
  server = await startEngine(limits, clock);
  return join(settings);
}

async function join(settings?: Uint8Array): Promise<Peer> {
  const peer = await Peer.connect(server.port, settings);
  peers.push(peer);
  return peer;
}

const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)]);
const withPath = (path: string): Buffer =>
  literalBlock(requestPairs().map(([name, value]): HeaderPair => [name, name === ':path' ? path : value]));
const get = (streamId: number, path: string, isEnd = true): Buffer =>
  rawFrame(frameTypes.HEADERS, isEnd ? 5 : 4, streamId, withPath(path));

describe('a request', () => {
  test('comes back with headers, body and trailers', async () => {
    const peer = await start();
    peer.request(1, [['x-own', 'v']], false);
    peer.data(1, Buffer.from('hello '));
    peer.data(1, Buffer.from('world'), true);
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(server.streams[0]?.head.get('x-own')).toBe('v');
    expect(peer.frames.find(({ type }) => type === frameTypes.DATA)?.payload.toString()).toBe('hello world');
    expect(server.codes).toEqual([0]);
  });

  test('may end with trailers', async () => {
    const peer = await start();
    peer.request(1, [], false);
    peer.data(1, Buffer.from('x'));
    peer.send(rawFrame(frameTypes.HEADERS, 5, 1, literalBlock([['x-checksum', '1']])));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(peer.dataBytes(1)).toBe(1);
  });

  test('may be padded, which counts for the windows and is no part of the body', async () => {
    const peer = await start();
    const block = literalBlock(requestPairs());
    const padded = Buffer.concat([Buffer.from([9]), block, Buffer.alloc(9)]);
    peer.send(rawFrame(frameTypes.HEADERS, 4 | 8, 1, padded));
    peer.send(rawFrame(frameTypes.DATA, 1 | 8, 1, Buffer.from([3, 104, 105, 0, 0, 0])));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(peer.dataBytes(1)).toBe(2);
  });

  test('whose headers come in many pieces is served', async () => {
    const peer = await start();
    const block = literalBlock(requestPairs([['x-long', 'v'.repeat(200)]]));
    peer.send(rawFrame(frameTypes.HEADERS, 1, 1, block.subarray(0, 10)));
    peer.send(rawFrame(frameTypes.CONTINUATION, 0, 1, block.subarray(10, 50)));
    peer.send(rawFrame(frameTypes.CONTINUATION, 4, 1, block.subarray(50)));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(server.streams[0]?.head.get('x-long')?.length).toBe(200);
  });

  test('with headers larger than the limit is answered 431, and the table stays right', async () => {
    const peer = await start({ headerListBytesMax: 500 });
    const indexed = Buffer.concat([Buffer.from([0x40, 1, 97, 1]), Buffer.from('b')]);
    const large = literalBlock(requestPairs([['x-large', 'v'.repeat(600)]]));
    peer.send(rawFrame(frameTypes.HEADERS, 5, 1, Buffer.concat([large, indexed])));
    await peer.frame(({ headers }) => headers[':status'] === '431');
    peer.send(
      rawFrame(frameTypes.HEADERS, 5, 3, Buffer.concat([literalBlock(requestPairs()), Buffer.from([0xbe])])),
    );
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(server.streams[0]?.head.get('a')).toBe('b');
  });

  test('beyond the number of streams at once is refused, and may come again', async () => {
    const peer = await start({ streamsMax: 2 });
    peer.send(get(1, '/hang'), get(3, '/hang'), get(5, '/'));
    expect(await peer.resetCode(5)).toBe(errorCodes.REFUSED_STREAM);
    peer.send(rawFrame(frameTypes.RST_STREAM, 0, 1, uint32(8)), get(7, '/'));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(server.codes).toEqual([8, 0]);
  });

  test('that the owner resets may still be sent for a while', async () => {
    const peer = await start();
    peer.send(get(1, '/hang', false));
    await peer.settled();
    server.streams[0]?.reset('CANCEL');
    expect(await peer.resetCode(1)).toBe(errorCodes.CANCEL);
    peer.data(1, Buffer.alloc(100));
    peer.send(rawFrame(frameTypes.HEADERS, 5, 1, literalBlock([['x-late', '1']])));
    peer.request(3);
    await peer.frame(({ streamId, headers }) => streamId === 3 && headers['x-status'] === '0');
  });
});

describe('what is sent', () => {
  test('keeps within the window of the stream, and goes on when it widens', async () => {
    const peer = await start({}, setting(4, 10));
    peer.send(get(1, '/size/25'));
    await peer.frame(({ type }) => type === frameTypes.DATA);
    await peer.settled();
    expect(peer.dataBytes(1)).toBe(10);
    peer.widen(1, 10);
    await peer.settled();
    expect(peer.dataBytes(1)).toBe(20);
    peer.widen(1, 10);
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    expect(peer.dataBytes(1)).toBe(25);
  });

  test('keeps within the window of the connection, whose streams take turns', async () => {
    const peer = await start({}, setting(4, 1_000_000));
    peer.send(get(1, '/size/200000'), get(3, '/size/200000'));
    await peer.settled();
    expect(peer.dataBytes(1) + peer.dataBytes(3)).toBe(65_535);
    for (let round = 0; round < 4; round += 1) peer.widen(0, 65_536);
    await peer.settled();
    expect(peer.dataBytes(1)).toBeGreaterThan(100_000);
    expect(peer.dataBytes(3)).toBeGreaterThan(100_000);
    peer.widen(0, 200_000);
    await peer.frame(({ streamId, headers }) => streamId === 3 && headers['x-status'] === '0');
    expect(peer.dataBytes(1) + peer.dataBytes(3)).toBe(400_000);
  });

  test('waits while a window is negative', async () => {
    const peer = await start({}, setting(4, 30));
    peer.send(get(1, '/size/50'));
    await peer.settled();
    peer.send(rawFrame(frameTypes.SETTINGS, 0, 0, setting(4, 10)));
    peer.widen(1, 20);
    await peer.settled();
    expect(peer.dataBytes(1)).toBe(30);
    peer.widen(1, 1);
    await peer.settled();
    expect(peer.dataBytes(1)).toBe(31);
    peer.send(rawFrame(frameTypes.SETTINGS, 0, 0, setting(4, 100)));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
  });

  test('on one stream is not held up by another whose window is shut', async () => {
    const peer = await start({}, setting(4, 0));
    peer.widen(0, 1_000_000);
    peer.send(get(1, '/size/100000'), get(3, '/size/100000'));
    await peer.settled();
    peer.widen(3, 100_000);
    await peer.frame(({ streamId, headers }) => streamId === 3 && headers['x-status'] === '0');
    expect(peer.dataBytes(1)).toBe(0);
  });

  test('takes no larger frames than the peer allows', async () => {
    const peer = await start({}, Buffer.concat([setting(4, 1_000_000), setting(5, 20_000)]));
    peer.send(get(1, '/size/65000'));
    await peer.frame(({ headers }) => headers['x-status'] === '0');
    const lengths = peer.frames
      .filter(({ type }) => type === frameTypes.DATA)
      .map(({ payload }) => payload.length);
    expect(lengths).toEqual([20_000, 20_000, 20_000, 5_000]);
  });

  test('is given up when a finished reply is not taken for too long', async () => {
    const peer = await start({ sendStallMsMax: 1_000 }, setting(4, 10));
    peer.send(get(1, '/size/50'));
    await peer.settled();
    clock.advance(1_000);
    peer.widen(1, 1);
    await peer.settled();
    clock.advance(1_000);
    await peer.settled();
    expect(server.codes).toEqual([]);
    clock.advance(1_000);
    expect(await peer.resetCode(1)).toBe(errorCodes.CANCEL);
    expect(server.streams[0]?.backlog).toBeUndefined();
  });
});

describe('what is received', () => {
  test('may be one window on a stream that nobody reads, and not a byte more', async () => {
    const peer = await start({ streamWindowBytes: 100_000, frameBytesMax: 16_384 });
    peer.send(get(1, '/unread', false));
    for (let sent = 0; sent < 100_000; sent += 10_000) peer.data(1, Buffer.alloc(10_000));
    await peer.settled();
    peer.data(1, Buffer.alloc(1));
    expect(await peer.resetCode(1)).toBe(errorCodes.FLOW_CONTROL_ERROR);
  });

  test('is read later in the order in which it came', async () => {
    const peer = await start();
    peer.send(get(1, '/unread', false));
    for (let index = 0; index < 100; index += 1) peer.data(1, Buffer.from([index]), index === 99);
    await peer.settled();
    const [stream] = server.streams;
    const seen: number[] = [];
    stream?.receive({
      onData(chunk) {
        seen.push(...chunk);
        if (seen.length < 50) stream.pause();
      },
      onEnd: () => seen.push(-1),
    });
    stream?.resume();
    expect(seen).toEqual([...Array.from({ length: 100 }, (_, index) => index), -1]);
  });

  test('on streams that nobody reads takes nothing from the window of the others', async () => {
    const peer = await start({ streamWindowBytes: 70_000, connectionWindowBytes: 100_000 });
    for (let id = 1; id < 21; id += 2) {
      peer.send(get(id, '/unread', false));
      for (let sent = 0; sent < 70_000; sent += 10_000) peer.data(id, Buffer.alloc(10_000));
      await peer.settled();
    }
    peer.request(21);
    await peer.frame(({ streamId, headers }) => streamId === 21 && headers['x-status'] === '0');
    expect(server.ends).toEqual([]);
  });

  test('stops the connection when all that is unread is too much', async () => {
    const peer = await start({
      streamWindowBytes: 70_000,
      connectionWindowBytes: 100_000,
      heldBytesMax: 70_000,
    });
    for (let id = 1; id < 5; id += 2) {
      peer.send(get(id, '/unread', false));
      for (let sent = 0; sent < 70_000; sent += 10_000) peer.data(id, Buffer.alloc(10_000));
      await peer.settled();
    }
    const updates = peer.frames.filter(
      ({ type, streamId }) => type === frameTypes.WINDOW_UPDATE && streamId === 0,
    );
    const granted = 65_535 + updates.reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
    expect(granted).toBeLessThan(180_000);
    const [first] = server.streams;
    first?.reset('CANCEL');
    await peer.settled();
    peer.data(3, Buffer.alloc(0), true);
    server.streams[1]?.receive({ onData: () => undefined, onEnd: () => undefined });
    await peer.frame(({ type, streamId }) => type === frameTypes.WINDOW_UPDATE && streamId === 0);
    expect(server.ends).toEqual([]);
  });
});

/** Answers the engine's ping number `count`, with `behind` in the same write. */
async function answerPing(peer: Peer, count: number, behind: Uint8Array = Buffer.alloc(0)): Promise<void> {
  const pings = (): PeerFrame[] =>
    peer.frames.filter(({ type, flags }) => type === frameTypes.PING && flags === 0);
  const ping = await peer.frame((frame) => frame === pings()[count - 1]);
  peer.send(rawFrame(frameTypes.PING, 1, 0, ping.payload), behind);
}

describe('leaving', () => {
  test('takes what was on the way, lets it end, and then closes', async () => {
    const peer = await start();
    peer.send(get(1, '/', false));
    await peer.settled();
    server.connections[0]?.leave();
    const announcement = await peer.frame(({ type }) => type === frameTypes.GOAWAY);
    expect(announcement.payload.readUInt32BE(0)).toBe(2 ** 31 - 1);
    peer.request(3);
    await peer.frame(({ streamId, headers }) => streamId === 3 && headers['x-status'] === '0');
    await answerPing(peer, 1);
    await answerPing(peer, 2);
    expect(await peer.goAwayCode()).toBe(errorCodes.NO_ERROR);
    peer.request(5);
    expect(await peer.resetCode(5)).toBe(errorCodes.REFUSED_STREAM);
    peer.data(1, Buffer.from('late'), true);
    await peer.closed;
    expect(peer.dataBytes(1)).toBe(4);
    expect(server.ends).toEqual([undefined]);
  });

  test('takes what the client had queued, even if its answer to the first ping came before', async () => {
    const peer = await start();
    await peer.settled();
    server.connections[0]?.leave();
    await answerPing(peer, 1, get(1, '/size/5'));
    await peer.frame(({ streamId, headers }) => streamId === 1 && headers['x-status'] === '0');
    await answerPing(peer, 2);
    const last = await peer.frame(
      ({ type, payload }) => type === frameTypes.GOAWAY && payload.readUInt32BE(0) < 2 ** 31 - 1,
    );
    expect(last.payload.readUInt32BE(0)).toBe(1);
    await peer.closed;
    expect(peer.dataBytes(1)).toBe(5);
  });

  test('does not wait for ever for a peer that does not answer', async () => {
    const peer = await start({ closingMsMax: 500 });
    await peer.settled();
    server.connections[0]?.leave();
    clock.advance(500);
    await peer.closed;
    expect(await peer.goAwayCode()).toBe(errorCodes.NO_ERROR);
  });

  test('of the client closes the connection once its requests are answered', async () => {
    const peer = await start();
    peer.send(get(1, '/', false), rawFrame(frameTypes.GOAWAY, 0, 0, Buffer.alloc(8)));
    peer.data(1, Buffer.from('x'), true);
    await peer.closed;
    expect(peer.dataBytes(1)).toBe(1);
  });

  test('without a word ends all streams', async () => {
    const peer = await start();
    peer.send(get(1, '/hang'), get(3, '/hang'));
    await peer.settled();
    const ended = new Promise<void>((resolve) => server.streams[1]?.onClose(() => resolve()));
    peer.close();
    await ended;
    expect(server.connections[0]?.isClosed).toBe(true);
  });
});

test('a ping is answered', async () => {
  const peer = await start();
  const answered = new Promise<void>((resolve) => server.connections[0]?.ping(resolve));
  const ping = await peer.frame(({ type, flags }) => type === frameTypes.PING && flags === 0);
  peer.send(rawFrame(frameTypes.PING, 1, 0, ping.payload));
  await answered;
  expect(server.ends).toEqual([]);
});

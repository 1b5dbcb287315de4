/**
 * Fuzzing of the transport on top of the engine, over real sockets: conversations that are legal HTTP/2, on whose streams anything
 * may happen above it: calls of all protocols, right and wrong, interleaved, cut anywhere, reset, given up. Whatever comes,
 * calls in which everything is right get exactly their answer, others get what the protocols allow, the service is never
 * blamed, and nothing is left behind: the bounds of the server are so tight that what leaks soon stops the calls that are right.
 */
import { fromBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { clientPreface, frameTypes } from '../../src/transport/h2/frame.ts';
import { type EchoServer, startEchoServer } from '../support/echo-server.ts';
import { EchoResponseSchema } from '../support/gen/echo_pb.ts';
import { Peer, type PeerFrame } from './peer.ts';
import {
  type Expected,
  type ExpectedReply,
  messageBytesMax,
  plannedCall,
  type PlannedCall,
} from './planned-call.ts';
import { literalBlock, rawFrame, uint32 } from './raw-frames.ts';

const conversation = fc.record({
  calls: fc.array(plannedCall, { minLength: 1, maxLength: 8 }),
  /** Whose turn it is. */
  turns: fc.array(fc.nat(7), { minLength: 1, maxLength: 20 }),
  windowBytes: fc.constantFrom(0, 1, 100, 65_535, 1_000_000),
  writeBytes: fc.array(fc.constantFrom(1, 9, 50, 1_000, 100_000), { minLength: 1, maxLength: 4 }),
  /** Which part of it all is said before the socket is gone; 1: all of it. */
  share: fc.constantFrom(1, 1, 1, 1, 0.3, 0.8),
});

type Conversation = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

/** A server that is soon full where anything leaks. */
export function startFuzzedServer(): Promise<EchoServer> {
  return startEchoServer({
    http2: 'own',
    limits: {
      messageBytesMax,
      incompleteRequestBytesMax: 16 * messageBytesMax,
      connectionsMax: 8,
    },
  });
}

/** Runs `count` conversations from `seed` on, and tells how many it were. Throws with the smallest one that fails. */
export async function fuzzTransport(server: EchoServer, seed: number, count: number): Promise<number> {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(conversation, async (drawn) => {
      await converse(server, drawn);
      done += 1;
    }),
    { seed, numRuns: count },
  );
  if (server.mistakes.length > 0) throw new Error(`the service is blamed: ${String(server.mistakes[0])}`);
  return done;
}

async function converse(server: EchoServer, drawn: Conversation): Promise<void> {
  const settings = Buffer.concat([Buffer.from([0, 4]), uint32(drawn.windowBytes)]);
  const peer = await Peer.silent(server.port);
  try {
    const all = Buffer.concat([
      clientPreface,
      rawFrame(frameTypes.SETTINGS, 0, 0, settings),
      rawFrame(frameTypes.SETTINGS, 1, 0),
      ...interleaved(drawn),
    ]);
    const said = all.subarray(0, Math.ceil(all.length * drawn.share));
    for (let at = 0, turn = 0; at < said.length; turn += 1) {
      const length = drawn.writeBytes[turn % drawn.writeBytes.length] ?? 1;
      peer.send(said.subarray(at, at + length));
      at += length;
      // Sockets join what is written at once.
      if (turn % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (said.length < all.length) return;
    await readAll(peer, drawn.calls);
    check(peer, drawn.calls);
  } finally {
    peer.close();
    await peer.closed;
  }
}

/** Streams are opened in the order of their numbers; between them frames come as `turns` say. */
function interleaved({ calls, turns }: Conversation): readonly Buffer[] {
  const waiting = calls.map((call, index) => framesOf(call, idOf(index)));
  const frames: Buffer[] = [];
  let opened = 0;
  for (let turn = 0; waiting.some((rest) => rest.length > 0); turn += 1) {
    const wanted = (turns[turn % turns.length] ?? 0) % calls.length;
    const index = wanted > opened ? opened : wanted;
    if (index === opened) opened += 1;
    const next = waiting[index]?.shift();
    if (next !== undefined) frames.push(next);
    else if (opened < calls.length) frames.push(waiting[opened++]?.shift() ?? Buffer.alloc(0));
    else frames.push(waiting.find((rest) => rest.length > 0)?.shift() ?? Buffer.alloc(0));
  }
  return frames;
}

function idOf(index: number): number {
  return index * 2 + 1;
}

function framesOf({ headers, body, cuts, end }: PlannedCall, id: number): Buffer[] {
  const frames = [rawFrame(frameTypes.HEADERS, 4, id, literalBlock(headers))];
  for (let at = 0, turn = 0; at < body.length; turn += 1) {
    // Of frames that bring nothing there must be some that do.
    const length = Math.max(cuts[turn % cuts.length] ?? 1, turn % cuts.length === 0 ? 1 : 0);
    const isLast = at + length >= body.length && end === 'with data';
    frames.push(rawFrame(frameTypes.DATA, isLast ? 1 : 0, id, body.subarray(at, at + length)));
    at += length;
  }
  if (end === 'with empty data' || (end === 'with data' && body.length === 0))
    frames.push(rawFrame(frameTypes.DATA, 1, id));
  if (end === 'with trailers')
    frames.push(rawFrame(frameTypes.HEADERS, 5, id, literalBlock([['x-trailer', 'late']])));
  if (end === 'with a reset') frames.push(rawFrame(frameTypes.RST_STREAM, 0, id, uint32(8)));
  return frames;
}

/** Makes room for all answers, and waits for those that must come. */
async function readAll(peer: Peer, calls: readonly PlannedCall[]): Promise<void> {
  const room = 4 * 1024 * 1024;
  peer.widen(0, room);
  for (const [index, { end }] of calls.entries()) if (end !== 'with a reset') peer.widen(idOf(index), room);
  for (const [index, { expected }] of calls.entries()) {
    if (expected === undefined) continue;
    const id = idOf(index);
    await peer.frame((frame) => frame.streamId === id && isLast(frame));
  }
  await peer.settled();
}

function isLast({ type, flags }: PeerFrame): boolean {
  const isEnding = type === frameTypes.HEADERS || type === frameTypes.DATA;
  return type === frameTypes.RST_STREAM || (isEnding && (flags & 1) !== 0);
}

function check(peer: Peer, calls: readonly PlannedCall[]): void {
  const goAway = peer.frames.find(({ type }) => type === frameTypes.GOAWAY);
  if (goAway !== undefined) throw new Error(`the connection was ended: ${goAway.payload.toString('latin1')}`);
  for (const [index, call] of calls.entries()) {
    const frames = peer.frames.filter(({ streamId }) => streamId === idOf(index));
    try {
      checkStream(frames, call.expected);
    } catch (error) {
      const shown = call.headers.map((pair) => pair.join(': ')).join(', ');
      throw new Error(`stream ${idOf(index)} (${shown})`, { cause: error });
    }
  }
}

function checkStream(frames: readonly PeerFrame[], expected: Expected | undefined): void {
  const end = frames.findIndex(isLast);
  const late = end < 0 ? [] : frames.slice(end + 1).filter(({ type }) => type !== frameTypes.WINDOW_UPDATE);
  // A finished answer may be followed by the wish that no more of the request comes.
  if (late.some(({ type }) => type !== frameTypes.RST_STREAM)) throw new Error('frames after the end');
  const sections = frames.filter(({ type }) => type === frameTypes.HEADERS).map(({ headers }) => headers);
  const [head, tail] = sections;
  if (sections.length > 2) throw new Error('more than headers and trailers');
  if (head !== undefined && !/^[2-5]\d\d$/.test(head[':status'] ?? '')) throw new Error('no status');
  if (tail?.[':status'] !== undefined) throw new Error('a status in trailers');
  const body = Buffer.concat(
    frames.filter(({ type }) => type === frameTypes.DATA).map(({ payload }) => payload),
  );
  const isGrpc = /^application\/grpc(\+proto)?$/.test(head?.['content-type'] ?? '');
  const last = frames[end];
  if (isGrpc && last !== undefined && last.type !== frameTypes.RST_STREAM) {
    const status = (tail ?? head)?.['grpc-status'];
    if (status === undefined || !/^(\d|1[0-6])$/.test(status)) throw new Error('no status of gRPC');
    repliesOf(body);
  }
  if (expected !== undefined) checkAnswer({ ...head, ...tail }, repliesOf(body), expected);
}

function checkAnswer(
  headers: Readonly<Record<string, string>>,
  replies: readonly ExpectedReply[],
  expected: Expected,
): void {
  const actual = JSON.stringify({ replies, status: Number(headers['grpc-status'] ?? NaN) });
  if (actual === JSON.stringify(expected)) return;
  throw new Error(`${actual} (${headers['grpc-message']}), expected ${JSON.stringify(expected)}`);
}

function repliesOf(body: Buffer): ExpectedReply[] {
  const replies: ExpectedReply[] = [];
  for (let at = 0; at < body.length;) {
    if (body[at] !== 0 || at + 5 > body.length) throw new Error('a reply without its prefix');
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) throw new Error('a reply is cut off');
    const { text, count, payload } = fromBinary(EchoResponseSchema, body.subarray(at + 5, end));
    replies.push({ text, count, payloadBytes: payload.length });
    at = end;
  }
  return replies;
}

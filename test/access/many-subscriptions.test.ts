/**
 * Goal: one principal that asks for 100,000 subscriptions gets those of its quota; all others are refused with the reason, the broker keeps
 * nothing of them, and others go on as if nothing was. Method: a broker process; the greedy one on twenty bare sockets, with frames by hand, so
 * that asking costs little; beside it a client that publishes and subscribes all the while.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { changeTokens } from '../../src/access/token-file.ts';
import { hashOf, newToken } from '../../src/access/token.ts';
import { systemRandom } from '../../src/base/random.ts';
import { SubscribeRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { clientPreface, frameTypes } from '../../src/transport/h2/frame.ts';
import { FrameReader } from '../../src/transport/h2/frame-reader.ts';
import { HpackDecoder } from '../../src/transport/h2/hpack-decoder.ts';
import { literalBlock, rawFrame, uint32 } from '../http2/raw-frames.ts';
import { BrokerProcess } from '../support/broker-process.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const asked = 100_000;
const quota = 1_000;
const connections = 20;
const atOnce = 100;

let folder: string;
let broker: BrokerProcess;
let modest: Client;
const tokens = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hyperloom-many-'));
  const [access, file] = [join(folder, 'access.yaml'), join(folder, 'tokens.json')];
  const grants = [{ principals: ['greedy', 'modest'], may: 'all' }];
  const quotas = [{ principals: 'greedy', subscriptions: quota }];
  writeFileSync(access, JSON.stringify({ version: 1, grants, quotas }));
  for (const principal of ['greedy', 'modest']) {
    const { id, token } = newToken(systemRandom);
    const kept = { id, principal, groups: [], hash: hashOf(token), label: '', createdMs: 0, expiresMs: null };
    changeTokens(file, (before) => [...before, kept]);
    tokens.set(principal, token);
  }
  broker = new BrokerProcess(join(folder, 'data'), ['--access', access, '--tokens', file]);
  await broker.start();
  modest = connect(broker.address, { token: tokens.get('modest') ?? '' });
});
afterAll(async () => {
  modest.destroy();
  await broker.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Resident memory of the broker in MiB. */
function residentMib(): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1_024;
}

/** A connection that asks for subscriptions, and counts what comes of them. */
class Greedy {
  opened = 0;
  readonly refusals = new Map<string, number>();
  readonly #socket: Socket;
  readonly #headers: Buffer;
  readonly #message: Buffer;
  readonly #open = new Set<number>();
  #waiting = 0;
  #nextId = 1;
  #wake: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(socket: Socket, token: string) {
    this.#socket = socket;
    this.#headers = literalBlock([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/hyperloom.v1.ContextService/Subscribe'],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['authorization', `Bearer ${token}`],
    ]);
    const request = toBinary(SubscribeRequestSchema, create(SubscribeRequestSchema, { patterns: ['/**'] }));
    this.#message = Buffer.concat([Buffer.of(0), uint32(request.length), request]);
    const decoder = new HpackDecoder(4_096, { bytesMax: 1_000_000, fieldsMax: 10_000 });
    const reader = new FrameReader(16_777_215, {
      onFrame: (type, flags, streamId, bytes, start, end) => {
        if (type !== frameTypes.HEADERS) return;
        const { fields } = decoder.decode(bytes, start, end);
        const headers = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
        this.#answered(streamId, headers, (flags & 1) !== 0);
      },
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
    socket.write(
      Buffer.concat([
        clientPreface,
        rawFrame(frameTypes.SETTINGS, 0, 0),
        rawFrame(frameTypes.SETTINGS, 1, 0),
      ]),
    );
  }

  /** Asks for `count` at once, and waits for all answers. */
  async ask(count: number): Promise<void> {
    this.#waiting = count;
    const frames: Buffer[] = [];
    for (let index = 0; index < count; index += 1, this.#nextId += 2)
      frames.push(
        rawFrame(frameTypes.HEADERS, 4, this.#nextId, this.#headers),
        rawFrame(frameTypes.DATA, 1, this.#nextId, this.#message),
      );
    const answered = new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      this.#fail = reject;
    });
    this.#socket.write(Buffer.concat(frames));
    await answered;
  }

  #answered(streamId: number, headers: Readonly<Record<string, string>>, isOver: boolean): void {
    if (!isOver) {
      this.#open.add(streamId);
      this.opened += 1;
    } else {
      if (this.#open.has(streamId)) throw new Error('a subscription was ended');
      const why = `${headers['grpc-status']} ${decodeURIComponent(headers['grpc-message'] ?? '')}`;
      this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
    }
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#wake();
  }
}

test('100,000 subscriptions of one principal: those of its quota, and a reason for the others', async () => {
  const over = new AbortController();
  const seen: number[] = [];
  const ended = new AbortController();
  const watching = (async () => {
    for await (const item of modest.subscribe('/modest', { signal: ended.signal }))
      if (item.kind === 'event') seen.push(item.event.revision);
  })().catch(() => undefined);
  const publishing = (async () => {
    let count = 0;
    for (; !over.signal.aborted; count += 1) await modest.put('/modest', count);
    return count;
  })();

  const sockets = await Promise.all(
    Array.from({ length: connections }, () => {
      const socket = connectSocket(broker.port, '127.0.0.1');
      return new Promise<Socket>((resolve) => socket.once('connect', () => resolve(socket)));
    }),
  );
  const all = sockets.map((socket) => new Greedy(socket, tokens.get('greedy') ?? ''));
  // The first thousand open, so that what comes behind is refused and nothing else.
  await Promise.all(all.map((greedy) => greedy.ask(quota / connections)));
  const beforeMib = residentMib();
  for (let done = quota; done < asked; done += connections * atOnce)
    await Promise.all(all.map((greedy) => greedy.ask(Math.min(atOnce, (asked - done) / connections))));
  const afterMib = residentMib();
  over.abort();
  const published = await publishing;

  expect(all.reduce((sum, { opened }) => sum + opened, 0)).toBe(quota);
  const refusals = new Map<string, number>();
  for (const greedy of all)
    for (const [why, count] of greedy.refusals) refusals.set(why, (refusals.get(why) ?? 0) + count);
  expect([...refusals]).toEqual([[`8 greedy may have ${quota} open subscriptions`, asked - quota]]);
  // The young generation may fill meanwhile; 99,000 streams that were kept would take several times this.
  expect(afterMib - beforeMib).toBeLessThan(200);
  expect(published).toBeGreaterThan(0);
  await vi.waitFor(() => expect(seen).toHaveLength(published), { timeout: 60_000 });
  ended.abort();
  await watching;
  console.log(
    `${asked} asked for, ${quota} open; the broker grew by ${Math.round(afterMib - beforeMib)} MiB; ${published} publishes of somebody else meanwhile`,
  );
  for (const socket of sockets) socket.destroy();
});

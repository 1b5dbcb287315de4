/**
 * A trial, no case: would calls be served faster if threads of their own spoke HTTP/2, and handed requests over to the one thread that applies
 * them? `node bench/trials/threads.ts WORKERS WORK_US` serves on 127.0.0.1:7599 with so many transport threads (0: the applying thread does it all)
 * and so many microseconds of work for each call; the driver of the peers' cases is its load. What came of it: docs/decisions/0013-one-thread.md.
 *
 * Requests and replies are handed over once a turn of the event loop, as one buffer: for each its number, its length (u32 each) and its bytes.
 */
import { createServer } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

import { systemClock } from '../../src/base/clock.ts';
import { Http2Engine } from '../../src/transport/h2/engine.ts';
import { HeaderTemplate } from '../../src/transport/h2/header-template.ts';
import type { Http2Stream } from '../../src/transport/h2/stream.ts';

const address = { host: '127.0.0.1', port: 7599 };
/** An empty message in gRPC's frame. */
const reply = new Uint8Array(5);
const head = new HeaderTemplate([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
const trailers = new HeaderTemplate([['grpc-status', '0']]);

/** Gathers what is to be handed over until the end of a turn. */
class HandOver {
  readonly #port: MessagePort | Worker;
  #buffer = new Uint8Array(64 * 1024);
  #length = 0;

  constructor(port: MessagePort | Worker) {
    this.#port = port;
  }

  push(number: number, bytes: Uint8Array): void {
    if (this.#length === 0) setImmediate(() => this.#send());
    while (this.#length + 8 + bytes.length > this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    const view = new DataView(this.#buffer.buffer);
    view.setUint32(this.#length, number, true);
    view.setUint32(this.#length + 4, bytes.length, true);
    this.#buffer.set(bytes, this.#length + 8);
    this.#length += 8 + bytes.length;
  }

  #send(): void {
    const sent = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    this.#port.postMessage(sent, [sent.buffer]);
  }
}

function* handedOver(bytes: Uint8Array): Generator<{ readonly number: number; readonly bytes: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const end = at + 8 + view.getUint32(at + 4, true);
    yield { number: view.getUint32(at, true), bytes: bytes.subarray(at + 8, end) };
    at = end;
  }
}

/** Speaks HTTP/2 and calls back with each request's bytes. */
function serve(onRequest: (bytes: Uint8Array, stream: Http2Stream) => void): void {
  const engine = new Http2Engine(systemClock);
  const server = createServer({ noDelay: true }, (socket) => {
    engine.accept(socket, {
      onClose: () => undefined,
      onStream(stream) {
        const parts: Uint8Array[] = [];
        stream.receive({
          onData: (data: Uint8Array) => void parts.push(data),
          onEnd: () =>
            onRequest(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts), stream),
        });
      },
    });
  });
  server.listen({ ...address, reusePort: !isMainThread });
}

function succeed(stream: Http2Stream): void {
  if (stream.closed) return;
  stream.respond(head);
  stream.end([reply], reply.length, trailers);
}

function work(us: number): void {
  for (const until = performance.now() + us / 1_000; performance.now() < until;);
}

if (isMainThread) {
  const [workers, workUs] = process.argv.slice(2).map(Number) as [number, number];
  if (workers === 0)
    serve((_bytes, stream) => {
      work(workUs);
      succeed(stream);
    });
  for (let index = 0; index < workers; index += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: {} });
    const back = new HandOver(worker);
    worker.on('message', (message: Uint8Array) => {
      for (const { number } of handedOver(message)) {
        work(workUs);
        back.push(number, reply);
      }
    });
  }
} else if (parentPort !== null && workerData !== null) {
  const port = parentPort;
  const out = new HandOver(port);
  const waiting = new Map<number, Http2Stream>();
  let last = 0;
  serve((bytes, stream) => {
    last = (last + 1) >>> 0;
    waiting.set(last, stream);
    out.push(last, bytes);
  });
  port.on('message', (message: Uint8Array) => {
    for (const { number } of handedOver(message)) {
      const stream = waiting.get(number);
      waiting.delete(number);
      if (stream !== undefined) succeed(stream);
    }
  });
}

/** The engine on a free port of loopback, with answers that tests ask for by path. */
import { createServer } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import type { EngineClock } from '../../src/transport/h2/clock.ts';
import type { Http2Connection } from '../../src/transport/h2/connection.ts';
import { Http2Engine } from '../../src/transport/h2/engine.ts';
import { HeaderTemplate } from '../../src/transport/h2/header-template.ts';
import type { Http2Limits } from '../../src/transport/h2/limits.ts';
import type { Http2Stream } from '../../src/transport/h2/stream.ts';

export interface EngineServer {
  readonly port: number;
  readonly connections: Http2Connection[];
  readonly streams: Http2Stream[];
  /** Why connections ended, `undefined` for those that ended well. */
  readonly ends: (Error | undefined)[];
  /** The codes that streams ended with. */
  readonly codes: number[];
  close(): Promise<void>;
}

const ok = new HeaderTemplate([
  [':status', '200'],
  ['content-type', 'application/octet-stream'],
]);
const trailers = new HeaderTemplate([['x-status', '0']]);

export async function startEngine(
  limits: Partial<Http2Limits> = {},
  clock: EngineClock = systemClock,
): Promise<EngineServer> {
  // Peers find out by pings what the engine has read.
  const engine = new Http2Engine(clock, { pingsBurst: 1_000_000, ...limits });
  const connections: Http2Connection[] = [];
  const streams: Http2Stream[] = [];
  const ends: (Error | undefined)[] = [];
  const codes: number[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = engine.accept(socket, {
      onStream(stream) {
        streams.push(stream);
        stream.onClose((code) => codes.push(code));
        answer(stream);
      },
      onClose: (error) => ends.push(error),
    });
    connections.push(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections,
    streams,
    ends,
    codes,
    close: () => {
      for (const connection of connections) connection.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * `/`: the body again, with trailers. `/size/N`: N bytes. `/hang`: reads, and never answers. `/unread`: never reads.
 */
function answer(stream: Http2Stream): void {
  const { path } = stream.head;
  const size = /^\/size\/(\d+)$/.exec(path)?.[1];
  if (path === '/unread') return;
  const chunks: Uint8Array[] = size === undefined ? [] : [new Uint8Array(Number(size)).fill(7)];
  stream.receive({
    onData: (chunk) => {
      if (size === undefined && path !== '/hang') chunks.push(chunk);
    },
    onEnd: () => {
      if (path === '/hang') return;
      stream.respond(ok);
      stream.end(
        chunks,
        chunks.reduce((sum, { length }) => sum + length, 0),
        trailers,
      );
    },
  });
}

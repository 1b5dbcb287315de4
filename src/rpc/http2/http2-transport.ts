import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Registry } from '@bufbuild/protobuf';
import type { Clock } from '../../base/clock.ts';
import {
  connectionWindowBytes,
  lastWordsMsMax,
  metadataPairsMax,
  streamWindowBytes,
} from '../../base/limits.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { type ListenOptions, type Method, RpcError, type Transport } from '../transport.ts';
import type { OriginPolicy } from '../web/cors.ts';
import { webHandler } from '../web/web-handler.ts';
import type { Route } from '../web/web-options.ts';
import { CallHost, type OnError } from './call-host.ts';
import { Connection } from './connection.ts';
import { GrpcHandler, isGrpc, refuseStream } from './grpc-handler.ts';
import { methodTable } from './method-table.ts';
import { Port } from './port.ts';
import { type TransportLimits, transportLimits } from './transport-limits.ts';
import { createWebFront, type WebFront } from './web-front.ts';

const stopReason = 'the broker stops; call again';

/** What a transport serves, and within which bounds. */
export interface Http2TransportOptions {
  readonly methods: readonly Method[];
  readonly clock: Clock;
  /** Spreads the ends of connections that have an age. */
  readonly random?: Random;
  /** Serves what is no RPC; true when it took the request. */
  readonly routes?: Route;
  /** Which pages of other origins may call. By default those on this machine. */
  readonly origins?: OriginPolicy;
  /** The types that `google.protobuf.Any` may hold where a client speaks JSON. */
  readonly registry?: Registry;
  readonly limits?: Partial<TransportLimits>;
  /** Is told of a service's own mistakes. By default they go to standard error. */
  readonly onError?: OnError;
}

/**
 * gRPC, gRPC-Web, Connect and plain HTTP on one port. gRPC takes the short way over `stream` events; everything else
 * goes through compatible request and response objects, of HTTP/1.1 or 2, to the web handler.
 */
export class Http2Transport implements Transport {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: TransportLimits;
  readonly #host: CallHost;
  readonly #grpc: GrpcHandler;
  readonly #http2: Http2Server;
  readonly #web: WebFront;
  readonly #port: Port;
  readonly #stopped = new AbortController();
  readonly #connections = new Map<ServerHttp2Session, Connection>();
  #closed: Promise<void> | undefined;

  constructor(options: Http2TransportOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? systemRandom;
    this.#limits = transportLimits(options.limits);
    const onError: OnError =
      options.onError ?? ((error, method) => console.error(`${method} failed:`, error));
    this.#host = new CallHost(options.clock, this.#limits, onError);
    this.#grpc = new GrpcHandler(this.#host, methodTable(options.methods));
    const listener = webHandler({
      methods: options.methods,
      host: this.#host,
      routes: options.routes,
      origins: options.origins,
      registry: options.registry,
      stopped: this.#stopped.signal,
    });
    this.#web = createWebFront(listener, this.#limits);
    this.#http2 = this.#createHttp2Server();
    this.#port = new Port(options.clock, this.#limits, (socket, protocol) => this.#accept(socket, protocol));
  }

  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }> {
    return this.#port.listen(options);
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    this.#host.draining = true;
    this.#port.stop();
    this.#web.http1.close();
    this.#web.http1.closeIdleConnections();
    for (const connection of this.#connections.values()) connection.close(graceMs, stopReason);
    const grace = this.#clock.setTimer(graceMs, () => {
      this.#stopped.abort(new RpcError('UNAVAILABLE', stopReason));
    });
    await this.#port.drained(graceMs + lastWordsMsMax);
    grace.cancel();
    this.#host.deadlines.close();
  }

  #createHttp2Server(): Http2Server {
    const server = createServer({
      settings: {
        maxConcurrentStreams: this.#limits.streamsPerConnectionMax,
        initialWindowSize: streamWindowBytes,
        maxHeaderListSize: this.#limits.metadataBytesMax,
        enablePush: false,
      },
      maxHeaderListPairs: metadataPairsMax,
      // Megabytes of queued replies and headers of one connection, beyond which it gets no new streams.
      maxSessionMemory: 128,
    });
    server.on('session', (session) => this.#opened(session));
    server.on('sessionError', (_error, session) => session.destroy());
    server.on('stream', (stream, headers, flags, rawHeaders) =>
      this.#dispatch(stream, headers, flags, rawHeaders),
    );
    return server;
  }

  #accept(socket: Socket, protocol: 'http1' | 'http2'): void {
    if (protocol === 'http2') this.#http2.emit('connection', socket);
    else if (this.#host.draining) socket.destroy();
    else this.#web.http1.emit('connection', socket);
  }

  #opened(session: ServerHttp2Session): void {
    session.setLocalWindowSize(connectionWindowBytes);
    const connection = new Connection(session, this.#clock, this.#random, this.#limits);
    this.#connections.set(session, connection);
    session.on('close', () => this.#connections.delete(session));
    if (this.#host.draining) connection.close(0, stopReason);
  }

  #dispatch(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    rawHeaders: string[],
  ): void {
    const connection =
      stream.session === undefined ? undefined : this.#connections.get(stream.session as ServerHttp2Session);
    if (connection === undefined) refuseStream(stream);
    else if (isGrpc(headers['content-type'])) this.#grpc.handle(connection, stream, headers);
    else {
      connection.addStream(stream);
      this.#web.http2.emit('stream', stream, headers, flags, rawHeaders);
    }
  }
}

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Registry } from '@bufbuild/protobuf';
import type { Clock } from '../../base/clock.ts';
import { lastWordsMsMax } from '../../base/limits.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { reject } from '../../state/outcome.ts';
import type { FlushTurn } from '../../transport/h2/flush-turn.ts';
import { OwnSide } from '../h2/own-side.ts';
import { Refused } from '../errors.ts';
import type { ListenOptions, Method, TlsFiles, Transport } from '../transport.ts';
import type { OriginPolicy } from '../web/cors.ts';
import { webHandler } from '../web/web-handler.ts';
import type { Route } from '../web/web-options.ts';
import type { Door } from '../access/door.ts';
import { CallHost, type OnError, type OnRefusal, type WatchOf } from './call-host.ts';
import { Connection } from './connection.ts';
import { GrpcHandler } from './grpc-handler.ts';
import { createHttp1Side } from './http1-side.ts';
import type { Http2Side } from './http2-side.ts';
import { methodTable } from './method-table.ts';
import { NodeSide } from './node-side.ts';
import { Port } from './port.ts';
import type { Session } from './session.ts';
import { type TransportLimits, transportLimits } from './transport-limits.ts';

/** Who speaks HTTP/2: the engine in `src/transport/h2`, or `node:http2`. */
export type Http2Choice = 'own' | 'node';

const stopping = reject('NOT_SERVING', 'the broker stops; call again, streams from their last bookmark');

/** What a transport serves, and within which bounds. */
export interface Http2TransportOptions {
  readonly methods: readonly Method[];
  readonly clock: Clock;
  /** `own` by default. */
  readonly http2?: Http2Choice;
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
  /** Is told of every call that was refused or failed. */
  readonly onRefusal?: OnRefusal;
  /** Says who calls. By default nobody is asked. */
  readonly door?: Door;
  /** Who is told of calls. By default nobody. */
  readonly watchOf?: WatchOf;
  /** What flushes replies, where others want to act ahead of them or behind them. */
  readonly turn?: FlushTurn;
}

/**
 * gRPC, gRPC-Web, Connect and plain HTTP on one port. gRPC is served on streams of HTTP/2; everything else goes through
 * compatible request and response objects, of HTTP/1.1 or 2, to the web handler.
 */
export class Http2Transport implements Transport {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: TransportLimits;
  readonly #host: CallHost;
  readonly #http1: Server;
  readonly #http2: Http2Side;
  readonly #port: Port;
  readonly #stopped = new AbortController();
  readonly #connections = new Set<Connection>();
  #isCloseAnnounced = false;
  #graceMs = 0;
  #closed: Promise<void> | undefined;

  constructor(options: Http2TransportOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? systemRandom;
    this.#limits = transportLimits(options.limits);
    const onError: OnError =
      options.onError ?? ((error, method) => console.error(`${method} failed:`, error));
    const onRefusal = options.onRefusal ?? (() => undefined);
    const { clock, door, watchOf, turn } = options;
    this.#host = new CallHost(clock, this.#limits, onError, onRefusal, door, watchOf, turn);
    const listener = webHandler({
      methods: options.methods,
      host: this.#host,
      routes: options.routes,
      origins: options.origins,
      registry: options.registry,
      stopped: this.#stopped.signal,
    });
    this.#http1 = createHttp1Side(listener, this.#limits);
    this.#http1.prependListener('request', (_request, response) => {
      if (this.#isCloseAnnounced) response.shouldKeepAlive = false;
    });
    this.#http1.on('request', (_request, response) => response.once('close', () => this.#leave()));
    const sideOptions = {
      host: this.#host,
      grpc: new GrpcHandler(this.#host, methodTable(options.methods)),
      listener,
      opened: (session: Session) => this.#opened(session),
    };
    this.#http2 = options.http2 === 'node' ? new NodeSide(sideOptions) : new OwnSide(sideOptions);
    this.#port = new Port(options.clock, this.#limits, (socket, protocol) => this.#accept(socket, protocol));
  }

  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }> {
    return this.#port.listen(options);
  }

  /** Takes other certificates for connections that come from now on. Throws for what cannot be used, and keeps the old ones. */
  renewTls(files: TlsFiles): void {
    this.#port.renewTls(files);
  }

  announceClose(): void {
    this.#isCloseAnnounced = true;
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    this.#graceMs = graceMs;
    this.#isCloseAnnounced = true;
    this.#port.stop();
    this.#http1.close();
    this.#http1.closeIdleConnections();
    this.#host.leaving.tell(stopping);
    for (const connection of this.#connections) connection.close(graceMs, stopping);
    const grace = this.#clock.setTimer(graceMs, () => {
      this.#stopped.abort(new Refused(stopping));
    });
    await this.#port.drained(graceMs + lastWordsMsMax);
    grace.cancel();
    this.#host.deadlines.close();
  }

  /** A connection of HTTP/1.1 whose last call has ended while the broker stops: its client would keep it open for the next one. */
  #leave(): void {
    if (this.#host.leaving.isTold) setImmediate(() => this.#http1.closeIdleConnections());
  }

  #accept(socket: Socket, protocol: 'http1' | 'http2'): void {
    if (protocol === 'http2') this.#http2.accept(socket);
    else if (this.#host.leaving.isTold) socket.destroy();
    else this.#http1.emit('connection', socket);
  }

  #opened(session: Session): Connection {
    const connection = new Connection(session, this.#clock, this.#random, this.#limits);
    this.#connections.add(connection);
    session.onClose(() => this.#connections.delete(connection));
    if (this.#host.leaving.isTold) connection.close(this.#graceMs, stopping);
    return connection;
  }
}

import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { connectionWindowBytes, metadataPairsMax, streamWindowBytes } from '../../base/limits.ts';
import type { WebResponse } from '../web/web-options.ts';
import type { Connection } from './connection.ts';
import { isGrpc } from './grpc-handler.ts';
import type { Http2Side, Http2SideOptions } from './http2-side.ts';
import { NodeCallStream, NodeRequestHeaders } from './node-call-stream.ts';
import { NodeSession } from './node-session.ts';

/**
 * HTTP/2 by `node:http2`. gRPC takes the short way over `stream` events; everything else goes through its compatible
 * request and response objects.
 */
export class NodeSide implements Http2Side {
  readonly #options: Http2SideOptions;
  readonly #server: Http2Server;
  /** Never listens. Of the response, the listener uses only what both versions of HTTP have. */
  readonly #web: Http2Server;
  readonly #connections = new Map<ServerHttp2Session, Opened>();

  constructor(options: Http2SideOptions) {
    this.#options = options;
    this.#web = createServer((request, response) =>
      options.listener(request, response as unknown as WebResponse),
    );
    this.#server = this.#createServer();
  }

  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  #createServer(): Http2Server {
    const { limits } = this.#options.host;
    const server = createServer({
      settings: {
        maxConcurrentStreams: limits.streamsPerConnectionMax,
        initialWindowSize: streamWindowBytes,
        maxHeaderListSize: limits.metadataBytesMax,
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

  #opened(session: ServerHttp2Session): void {
    session.setLocalWindowSize(connectionWindowBytes);
    const { clock, limits } = this.#options.host;
    const own = new NodeSession(session, clock, limits.clientPingMsMin);
    this.#connections.set(session, { session: own, connection: this.#options.opened(own) });
    session.on('close', () => this.#connections.delete(session));
  }

  #dispatch(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    rawHeaders: string[],
  ): void {
    const opened =
      stream.session === undefined ? undefined : this.#connections.get(stream.session as ServerHttp2Session);
    if (opened === undefined) {
      refuseStream(stream);
      return;
    }
    const { connection } = opened;
    if (isGrpc(headers['content-type'])) {
      this.#options.grpc.handle(connection, new NodeCallStream(stream), {
        method: headers[':method'] ?? '',
        path: headers[':path'] ?? '',
        headers: new NodeRequestHeaders(headers),
      });
    } else {
      stream.on('close', connection.beginOther());
      this.#options.host.leavingOf.set(stream, connection.leaving);
      this.#web.emit('stream', stream, headers, flags, rawHeaders);
    }
  }
}

/** A connection, by both of its names. */
interface Opened {
  readonly session: NodeSession;
  readonly connection: Connection;
}

/** Refuses a stream whose connection is gone already. */
function refuseStream(stream: ServerHttp2Stream): void {
  stream.on('error', () => stream.destroy());
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

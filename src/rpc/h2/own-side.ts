import type { Socket } from 'node:net';
import type { Timer } from '../../base/clock.ts';
import {
  clientPingsBurst,
  connectionWindowBytes,
  lastWordsMsMax,
  metadataPairsMax,
  streamWindowBytes,
} from '../../base/limits.ts';
import { Http2Engine } from '../../transport/h2/engine.ts';
import type { Http2Stream } from '../../transport/h2/stream.ts';
import type { Connection } from '../http2/connection.ts';
import { isGrpc } from '../http2/grpc-handler.ts';
import type { Http2Side, Http2SideOptions } from '../http2/http2-side.ts';
import type { WebRequest, WebResponse } from '../web/web-options.ts';
import { OwnCallStream } from './own-call-stream.ts';
import { OwnSession } from './own-session.ts';
import { OwnWebRequest } from './web-request.ts';
import { OwnWebResponse } from './web-response.ts';

/**
 * HTTP/2 by the engine in `src/transport/h2`. gRPC calls work on its streams; everything else gets request and response
 * objects like those of `node:http`.
 */
export class OwnSide implements Http2Side {
  readonly #options: Http2SideOptions;
  readonly #engine: Http2Engine;

  constructor(options: Http2SideOptions) {
    this.#options = options;
    const { clock, limits, turn } = options.host;
    this.#engine = new Http2Engine(
      clock,
      {
        streamsMax: limits.streamsPerConnectionMax,
        streamWindowBytes,
        connectionWindowBytes,
        headerListBytesMax: limits.metadataBytesMax,
        headerFieldsMax: metadataPairsMax,
        handshakeMsMax: limits.firstBytesMsMax,
        pingsBurst: clientPingsBurst,
        pingsPerSecond: 1_000 / limits.clientPingMsMin,
      },
      turn,
    );
  }

  accept(socket: Socket): void {
    // Both are made before anything can happen on the connection: the engine reads from the socket in a later turn.
    const connection = this.#engine.accept(socket, {
      onStream: (stream) => this.#dispatch(opened, stream, socket),
      onClose: () => session.closed(),
    });
    const session = new OwnSession(connection, socket);
    const opened = this.#options.opened(session);
  }

  #dispatch(connection: Connection, stream: Http2Stream, socket: Socket): void {
    const { head } = stream;
    if (isGrpc(head.get('content-type'))) {
      const request = { method: head.method, path: head.path, headers: head };
      this.#options.grpc.handle(connection, new OwnCallStream(stream), request);
      return;
    }
    const ended = connection.beginOther();
    const request = new OwnWebRequest(stream, socket);
    this.#options.host.leavingOf.set(request.stream, connection.leaving);
    const response = new OwnWebResponse(stream, request, () => this.#options.host.clock.nowMs());
    let lastWords: Timer | undefined;
    response.on('finish', () => {
      if (stream.requestEnded) return;
      // The answer is complete, but the client may still be sending: what comes is dropped, and not for long.
      request.discard();
      lastWords = this.#options.host.clock.setTimer(lastWordsMsMax, () => stream.reset('NO_ERROR'));
    });
    stream.onClose((code) => {
      lastWords?.cancel();
      ended();
      request.streamClosed(code);
      response.streamClosed();
    });
    // Of both, the listener uses only what these have.
    this.#options.listener(request as unknown as WebRequest, response as unknown as WebResponse);
  }
}

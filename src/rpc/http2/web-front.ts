import { createServer as createHttp1Server, type Server as Http1Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { Socket } from 'node:net';
import type { WebListener, WebResponse } from '../web/web-options.ts';
import type { TransportLimits } from './transport-limits.ts';

/** The HTTP/1.1 server, and the way from an HTTP/2 stream to the same listener. Neither server ever listens. */
export interface WebFront {
  readonly http1: Http1Server;
  readonly http2: Http2Server;
}

export function createWebFront(listener: WebListener, limits: TransportLimits): WebFront {
  const http1 = createHttp1Server(
    {
      maxHeaderSize: limits.metadataBytesMax,
      headersTimeout: limits.httpHeadersMsMax,
      requestTimeout: limits.httpRequestMsMax,
      connectionsCheckingInterval: Math.min(limits.httpHeadersMsMax, 5_000),
      keepAliveTimeout: limits.keepaliveMs * 2,
    },
    listener,
  );
  // The checks of slow headers and requests begin with this event, which a server that never listens does not see.
  http1.emit('listening');
  http1.on('clientError', (_error, socket) => refuseBytes(socket as Socket));
  // Of the response, the listener uses only what both versions of HTTP have.
  const http2 = createHttp2Server((request, response) =>
    listener(request, response as unknown as WebResponse),
  );
  return { http1, http2 };
}

/** Answers what is no HTTP/1.1 (or too much of it), and closes. */
function refuseBytes(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
    socket.destroy(),
  );
}

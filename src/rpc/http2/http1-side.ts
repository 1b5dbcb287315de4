import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { WebListener } from '../web/web-options.ts';
import type { TransportLimits } from './transport-limits.ts';

/** The HTTP/1.1 side of a port. It never listens: sockets are handed to it. */
export function createHttp1Side(listener: WebListener, limits: TransportLimits): Server {
  const http1 = createServer(
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
  return http1;
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

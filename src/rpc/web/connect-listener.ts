import { Socket } from 'node:net';
import { createConnectRouter, createContextValues } from '@connectrpc/connect';
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { lastWordsMsMax } from '../../base/limits.ts';
import type { CallHost } from '../http2/call-host.ts';
import { addMethods } from './connect-methods.ts';
import { boundDeadline } from './late-deadline.ts';
import { peerKey } from './web-call.ts';
import type { WebHandlerOptions, WebListener, WebRequest } from './web-options.ts';

/** Serves Connect, gRPC-Web and gRPC with JSON. It is `connectNodeAdapter`, but for requests that were not read to their end. */
export function connectListener(
  options: Pick<WebHandlerOptions, 'methods' | 'host' | 'stopped' | 'registry'>,
  notFound: WebListener,
): WebListener {
  const { methods, host, stopped, registry } = options;
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: host.limits.messageBytesMax,
    shutdownSignal: stopped,
    ...(registry === undefined ? {} : { jsonOptions: { registry } }),
  });
  addMethods(router, methods, host);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response) => {
    const handler = handlers.get((request.url ?? '').split('?', 1)[0] ?? '');
    if (handler === undefined) {
      notFound(request, response);
      return;
    }
    const values = createContextValues().set(peerKey, peerOf(request));
    const http1 = request.httpVersionMajor === 1;
    boundDeadline(request.headers);
    if (http1) closeUnlessRead(request, host);
    handler(universalRequestFromNodeRequest(request, response, undefined, values))
      .then((answer) => {
        if (!http1 || request.complete) return universalResponseToNodeResponse(answer, response);
        const header = new Headers(answer.header);
        header.set('connection', 'close');
        return universalResponseToNodeResponse({ ...answer, header }, response);
      })
      // Refusals are answers. What comes here is a client that went away, and that is known from the request's `close`.
      .catch(() => response.destroy());
  };
}

/**
 * An answer may come before the request was read to its end. Node would then close the socket as soon as the answer is
 * written, and the system would take the answer back from a client that is still sending; so what the client sends is read
 * and dropped for as long as it may take to notice.
 */
function closeUnlessRead(request: WebRequest, host: CallHost): void {
  const { socket } = request;
  socket.destroySoon = () => {
    if (request.complete || socket.destroyed) {
      Socket.prototype.destroySoon.call(socket);
      return;
    }
    socket.removeAllListeners('data');
    socket.on('data', ignoreData);
    socket.resume();
    socket.end();
    const timer = host.clock.setTimer(lastWordsMsMax, () => socket.destroy());
    socket.on('close', () => timer.cancel());
  };
}

function peerOf(request: WebRequest): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket;
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function ignoreData(): void {}

import { Socket } from 'node:net';
import { type ContextValues, createConnectRouter, createContextValues } from '@connectrpc/connect';
import type { UniversalServerRequest } from '@connectrpc/connect/protocol';
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { lastWordsMsMax } from '../../base/limits.ts';
import type { CallHost } from '../http2/call-host.ts';
import { addMethods } from './connect-methods.ts';
import { boundDeadline } from './late-deadline.ts';
import { certificateOf } from '../http2/client-certificate.ts';
import { RpcError } from '../transport.ts';
import { callerKey, leavingKey, peerKey, refusalKey } from './web-call.ts';
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
    const http1 = request.httpVersionMajor === 1;
    boundDeadline(request.headers);
    if (http1) closeUnlessRead(request, host);
    letIn(request, host)
      .then((values) => {
        const asked = universalRequestFromNodeRequest(request, response, undefined, values);
        return handler(values.get(refusalKey) === undefined ? asked : withoutMessages(asked));
      })
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

/** What is known of the caller. Nothing of the request but its head was looked at. */
async function letIn(request: WebRequest, host: CallHost): Promise<ContextValues> {
  const peer = peerOf(request);
  const leaving = 'stream' in request ? host.leavingOf.get(request.stream) : undefined;
  const values = createContextValues()
    .set(peerKey, peer)
    .set(leavingKey, leaving ?? host.leaving);
  const method = (request.url ?? '').split('?', 1)[0] ?? '';
  const { authorization } = request.headers;
  try {
    const caller = await host.door({
      method,
      authorization,
      certificate: certificateOf(request.socket),
      peer,
    });
    return values.set(callerKey, caller);
  } catch (error) {
    return values.set(refusalKey, error instanceof RpcError ? error : host.rpcError(error, method));
  }
}

/** The request of somebody who is not let in: its body is not read, and stands for one empty message, so that the refusal can be told. */
function withoutMessages(asked: UniversalServerRequest): UniversalServerRequest {
  const header = new Headers(asked.header);
  for (const name of ['content-encoding', 'connect-content-encoding', 'grpc-encoding', 'content-length'])
    header.delete(name);
  const type = header.get('content-type') ?? '';
  const isEnveloped = /^application\/(grpc|connect\+)/.test(type);
  const isJson = /json/.test(type);
  const message = isJson ? new TextEncoder().encode('{}') : new Uint8Array(0);
  const body = isEnveloped ? [new Uint8Array([0, 0, 0, 0, message.length]), message] : [message];
  return { ...asked, header, body: iterableOf(body) };
}

async function* iterableOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
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

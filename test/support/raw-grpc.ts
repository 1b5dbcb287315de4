/** A gRPC client with bad manners: bare `node:http2`, any headers, any bytes. */
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';

export const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface RawReply {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly resetCode: number;
}

export const echoPath = '/hyperloom.test.v1.EchoService/Unary';

export function grpcHeaders(more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': echoPath,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  };
}

/** Sends `chunks` as the request body, each in its own write, and half-closes. */
export async function callRaw(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  chunks: readonly Uint8Array[],
): Promise<RawReply> {
  const stream = session.request(headers);
  let received: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  stream.on('response', (head) => {
    received = head;
  });
  stream.on('trailers', (tail) => {
    trailers = tail;
  });
  stream.on('data', (chunk: Buffer) => body.push(chunk));
  stream.on('error', () => undefined);
  for (const chunk of chunks) await new Promise((resolve) => stream.write(chunk, resolve));
  stream.end();
  await new Promise((resolve) => stream.on('close', resolve));
  return { headers: received, trailers, body: Buffer.concat(body), resetCode: stream.rstCode ?? 0 };
}

/** The status of a reply, from wherever it stands. */
export function statusOf(reply: RawReply): { code: string; message: string } {
  const from = reply.trailers['grpc-status'] === undefined ? reply.headers : reply.trailers;
  return {
    code: String(from['grpc-status']),
    message: decodeURIComponent(String(from['grpc-message'] ?? '')),
  };
}

/** A frame with any flags and any announced length. */
export function rawFrame(payload: Uint8Array, flags = 0, length = payload.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, payload]);
}

export async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  await new Promise((resolve) => session.once('connect', resolve));
  // Limits bind both sides once settings were exchanged, which a ping has to wait for.
  await new Promise((resolve) => session.ping(resolve));
  return session;
}

/** Sends bytes on a new connection and resolves with what came back when the server closes it. */
export function sendBytes(port: number, bytes: Uint8Array, end = false): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connectSocket(port, '127.0.0.1', () => {
      if (end) socket.end(bytes);
      else socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

/** A handler of the Fetch API as a listener of `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyBytesMax } from './limits.ts';

/** For `createServer(nodeListener(feedHandler(client, …)))`. */
export function nodeListener(
  handler: (request: Request) => Promise<Response>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    answer(handler, request, response, gone.signal).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? await bodyOf(request) : undefined;
  if (hasBody && body === undefined) {
    response.writeHead(413, { connection: 'close' }).end(`the body has more than ${bodyBytesMax} bytes`);
    return;
  }
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  const url = new URL(request.url ?? '/', 'http://localhost');
  const answered = await handler(
    new Request(url, { method, headers, signal, ...(body === undefined ? {} : { body }) }),
  );
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  if (answered.body !== null)
    for await (const part of answered.body)
      if (!response.write(part) && !signal.aborted) await drained(response);
  response.end();
}

/** The whole body; `undefined` where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return undefined;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Whoever reads slowly is waited for, until he is gone. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve);
  response.once('close', resolve);
  return promise;
}

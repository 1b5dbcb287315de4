/** Reads what a request holds, as far as there is room for it. */
import { mcpRequestBytesMax } from '../../base/limits.ts';

/** A request of Node, over HTTP/1.1 or 2. */
export interface IncomingRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type Body =
  | { readonly kind: 'read'; readonly body: unknown }
  | { readonly kind: 'too_large'; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string };

/** The JSON of a request; `undefined` where it has no body. */
export async function readBody(request: IncomingRequest): Promise<Body> {
  if (request.method !== 'POST') return { kind: 'read', body: undefined };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      bytes += piece.length;
      if (bytes > mcpRequestBytesMax)
        return { kind: 'too_large', message: `A request may hold ${mcpRequestBytesMax} bytes at most` };
      chunks.push(piece);
    }
  } catch {
    return { kind: 'broken', message: 'Parse error: the request broke off' };
  }
  try {
    return { kind: 'read', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { kind: 'broken', message: 'Parse error: the request holds no valid JSON' };
  }
}

import type { Metadata } from '../transport.ts';
import type { RequestHeaders } from './call-stream.ts';

/** Request metadata straight from HTTP/2 headers, decoded only when asked for. */
export class HeaderMetadata implements Metadata {
  readonly #headers: RequestHeaders;

  constructor(headers: RequestHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    if (name.startsWith(':') || name.endsWith('-bin')) return undefined;
    return this.#headers.get(name);
  }

  /** The first value where a name was sent several times; `undefined` also where it is no base64. */
  getBinary(name: string): Uint8Array | undefined {
    if (!name.endsWith('-bin')) return undefined;
    const text = this.#headers.get(name)?.split(',', 1)[0]?.trim();
    return text === undefined ? undefined : decodeBase64(text);
  }
}

/** Bytes of base64 text, padded or not, in either alphabet; `undefined` for any other text. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** Base64 as gRPC sends it: without padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').replace(/=+$/, '');
}

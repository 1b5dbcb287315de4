import type { Field } from './field.ts';

/** A request's header section, checked by the rules of RFC 9113, section 8.3. */
export class RequestHead {
  readonly method: string;
  /** Empty with CONNECT. */
  readonly path: string;
  readonly scheme: string;
  readonly authority: string | undefined;
  /** Bytes that the body must have; `undefined` where the request does not say. */
  readonly contentLength: number | undefined;
  /** All but the pseudo-headers, in order. */
  readonly fields: readonly Field[];

  private constructor(parts: HeadParts, fields: readonly Field[]) {
    this.method = parts.method ?? '';
    this.path = parts.path ?? '';
    this.scheme = parts.scheme ?? '';
    this.authority = parts.authority;
    this.contentLength = parts.contentLength;
    this.fields = fields;
  }

  /** `undefined` where the request is malformed. */
  static from(fields: readonly Field[]): RequestHead | undefined {
    const parts: HeadParts = {
      method: undefined,
      path: undefined,
      scheme: undefined,
      authority: undefined,
      contentLength: undefined,
    };
    let pseudos = 0;
    for (const [index, field] of fields.entries()) {
      if (field.kind === 'pseudo') {
        if (pseudos < index || !takePseudo(parts, field)) return undefined;
        pseudos += 1;
      } else if (field.kind === 'malformed') {
        return undefined;
      } else if (field.kind === 'content_length') {
        const length = Number(field.value);
        if (parts.contentLength !== undefined && parts.contentLength !== length) return undefined;
        parts.contentLength = length;
      }
    }
    return isComplete(parts) ? new RequestHead(parts, fields.slice(pseudos)) : undefined;
  }

  /** The value of a header, given in lower case; several are joined with a comma. */
  get(name: string): string | undefined {
    let value: string | undefined;
    for (const field of this.fields) {
      if (field.name === name) value = value === undefined ? field.value : `${value}, ${field.value}`;
    }
    return value;
  }
}

interface HeadParts {
  method: string | undefined;
  path: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  contentLength: number | undefined;
}

/** Each at most once, and none but those of requests. */
function takePseudo(parts: HeadParts, { name, value }: Field): boolean {
  switch (name) {
    case ':method':
      if (parts.method !== undefined) return false;
      parts.method = value;
      return true;
    case ':path':
      if (parts.path !== undefined) return false;
      parts.path = value;
      return true;
    case ':scheme':
      if (parts.scheme !== undefined) return false;
      parts.scheme = value;
      return true;
    case ':authority':
      if (parts.authority !== undefined) return false;
      parts.authority = value;
      return true;
    default:
      return false;
  }
}

const methodToken = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function isComplete({ method, path, scheme, authority }: HeadParts): boolean {
  if (method === undefined || !methodToken.test(method)) return false;
  if (method === 'CONNECT') return path === undefined && scheme === undefined && authority !== undefined;
  return scheme !== undefined && path !== undefined && path !== '';
}

/** Whether `fields` may be trailers: none of them a pseudo-header, none malformed (section 8.1). */
export function areTrailers(fields: readonly Field[]): boolean {
  return fields.every((field) => field.kind === 'regular');
}

/**
 * One header field, judged by the rules of RFC 9113, section 8.2, when it is made: fields from the tables of HPACK are
 * judged once, however many requests carry them.
 */

/** `malformed`: a request that carries it must be refused. */
export type FieldKind = 'regular' | 'pseudo' | 'content_length' | 'malformed';

export interface Field {
  readonly name: string;
  /** Octets as the characters of Latin-1. */
  readonly value: string;
  /** What RFC 7541, section 4.1, counts: characters of both, and 32. */
  readonly size: number;
  readonly kind: FieldKind;
}

export function makeField(name: string, value: string): Field {
  return { name, value, size: name.length + value.length + 32, kind: kindOf(name, value) };
}

/** Names that belong to one hop of HTTP/1.1 (section 8.2.2). */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const pseudoName = /^:[a-z]+$/;

function kindOf(name: string, value: string): FieldKind {
  if (!isFieldValue(value)) return 'malformed';
  if (name.startsWith(':')) return pseudoName.test(name) ? 'pseudo' : 'malformed';
  if (!token.test(name) || connectionSpecific.has(name)) return 'malformed';
  if (name === 'te') return value === 'trailers' ? 'regular' : 'malformed';
  if (name !== 'content-length') return 'regular';
  return /^\d{1,15}$/.test(value) ? 'content_length' : 'malformed';
}

const space = 0x20;
const tab = 0x09;

/** Only characters of Latin-1, no control characters but tabs, and no white space at either end. */
export function isFieldValue(value: string): boolean {
  const { length } = value;
  if (length === 0) return true;
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < space && code !== tab) || code === 0x7f || code > 0xff) return false;
  }
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(length - 1));
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

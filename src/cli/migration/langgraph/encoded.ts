/** Values as they lie in nodes: `{"json": S}`, `{"tag": t, "data": …}` or `{"tag": t, "bytes": […]}`. */
import { inlineDataBytesMax, pieceBytesMax, storedValueBytesMax } from '../limits.ts';
import { digestOf } from '../stored-json.ts';
import { storedOf, type SavedValue, type SharedValue } from './saved-value.ts';

/** What a diff has to bring along for what it names, by digest. */
export interface Attached {
  readonly texts: Map<string, string>;
  readonly bytes: Map<string, Uint8Array>;
}

/** A value as JSON of its node, with what it names added to `attached`. As bytes where it takes more than `bytesMax`. */
export function encoded(value: SavedValue, attached: Attached, bytesMax = storedValueBytesMax): string {
  if (value.kind === 'tagged') return taggedJson(value.tag, value.bytes, attached);
  const stored = storedOf(value);
  if (Buffer.byteLength(stored) > bytesMax) return wholeJson(value, attached);
  attachTexts(value, attached);
  return `{"json":${stored}}`;
}

/** A shared value that is too large for a node as it is. */
export function wholeJson(value: SharedValue, attached: Attached): string {
  return taggedJson('json', Buffer.from(value.whole()), attached, 0);
}

export function attachTexts({ parts }: SharedValue, { texts }: Attached): void {
  for (const part of parts) for (const [digest, text] of part.texts) texts.set(digest, text);
}

function taggedJson(
  tag: string,
  bytes: Uint8Array,
  attached: Attached,
  dataBytesMax: number = inlineDataBytesMax,
): string {
  if (bytes.length <= dataBytesMax)
    return JSON.stringify({ tag, data: Buffer.from(bytes).toString('base64') });
  const digests: string[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytesMax) {
    const piece = bytes.subarray(start, start + pieceBytesMax);
    const digest = digestOf(piece);
    digests.push(digest);
    attached.bytes.set(digest, piece);
  }
  return JSON.stringify({ tag, bytes: digests });
}

/** RFC 6901: a part of a JSON value. */
import { isJsonObject } from './json.ts';
import type { Json } from './json.ts';

/** The tokens of a pointer; `null` where it is none. */
export function parsePointer(text: string): readonly string[] | null {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return null;
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What tokens lead to; `undefined` where there is nothing. `-`, the place behind the end of an array, is always empty. */
export function lookUp(json: Json, tokens: readonly string[]): Json | undefined {
  let at: Json | undefined = json;
  for (const token of tokens) {
    if (Array.isArray(at))
      at = /^(0|[1-9]\d*)$/.test(token) ? (at as readonly Json[])[Number(token)] : undefined;
    else if (isJsonObject(at)) at = Object.hasOwn(at, token) ? at[token] : undefined;
    else return undefined;
  }
  return at;
}

/** JSON as it comes from clients: strict UTF-8, valid, and not nested deeper than everything behind the edge can take. */
import { jsonDepthMax } from '../base/limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Why bytes are no JSON. */
export interface JsonProblem {
  readonly problem: string;
}

/** The text of UTF-8 bytes; `undefined` where they are none. A byte order mark is kept, so that JSON refuses it. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON text out of its bytes. */
export function decodeJson(bytes: Uint8Array): string | JsonProblem {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { problem: 'not UTF-8' };
  const problem = jsonProblem(text);
  return problem === null ? text : { problem };
}

/** Why a text is no JSON that can be kept, or `null` if it is. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : 'it does not parse'}`;
  }
  // Shorter texts cannot be nested that deeply: each level takes two brackets.
  const mayBeDeep = text.length > jsonDepthMax * 2;
  return mayBeDeep && jsonDepth(text) > jsonDepthMax ? `nested deeper than ${jsonDepthMax} levels` : null;
}

/** Levels of arrays and objects in valid JSON text. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === '[' || character === '{') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === ']' || character === '}') {
      depth -= 1;
    }
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

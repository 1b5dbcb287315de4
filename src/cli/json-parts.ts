/**
 * Takes a JSON text apart without losing a byte: the members of an object and the items of an array, each as the exact text
 * that stood there. `JSON.parse` would lose white space, the way characters are escaped, and how numbers are written.
 *
 * The text must be valid JSON (`JSON.parse` has accepted it): the scanner looks only for where parts begin and end.
 */

/** A part of a text: `text.slice(start, end)`. */
export interface JsonPart {
  readonly start: number;
  readonly end: number;
}

/** A member of an object. */
export interface JsonMember extends JsonPart {
  readonly name: string;
}

/** The members of the object that begins at `start` (white space aside), in their order; `undefined` if it is none. */
export function objectMembers(text: string, start = 0): readonly JsonMember[] | undefined {
  let at = skipSpace(text, start);
  if (text[at] !== '{') return undefined;
  const members: JsonMember[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== '}') {
    const nameEnd = endOfString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ name, start: valueStart, end: valueEnd });
    at = skipComma(text, valueEnd);
  }
  return members;
}

/** The items of the array that begins at `start` (white space aside), in their order; `undefined` if it is none. */
export function arrayParts(text: string, start = 0): readonly JsonPart[] | undefined {
  let at = skipSpace(text, start);
  if (text[at] !== '[') return undefined;
  const parts: JsonPart[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = endOfValue(text, at);
    parts.push({ start: at, end });
    at = skipComma(text, end);
  }
  return parts;
}

/** The exact texts of an array's items; `undefined` where the text is no array. */
export function arrayItems(text: string): readonly string[] | undefined {
  return arrayParts(text)?.map(({ start, end }) => text.slice(start, end));
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

/** Where the value that begins at `start` ends. */
function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') return endOfWord(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Numbers and the words `true`, `false` and `null` end where something else begins. */
function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,\]}]/.test(text[at] ?? '')) at += 1;
  return at;
}

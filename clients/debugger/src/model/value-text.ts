/** Values as text that is safe to show: bounded, and without characters that would change how the text around them looks. */
import type { Node } from '../../../typescript/src/browser.ts';

/** Characters shown of a value before "show more" is asked for, and how many more each time. */
export const charactersShown = 20_000;
/** Beyond this depth JSON is shown as it is, in one line: a reader gains nothing from a thousand indents. */
const indentDepthMax = 64;
/** JSON longer than this is shown as it is stored: laying it out would hold up the page. */
const indentCharactersMax = 2_000_000;
const bytesARow = 16;

/** A value as text. */
export interface ValueText {
  readonly text: string;
  readonly kind: 'json' | 'text' | 'bytes' | 'message' | 'none';
  /** What a reader should know about how it is told. */
  readonly note: string;
}

/** The text of a node's value. */
export function valueText(node: Pick<Node, 'kind' | 'value' | 'json' | 'formProblem'>): ValueText {
  const { kind, value, json } = node;
  if (kind === 'none') return { kind, text: '', note: '' };
  if (json !== undefined) return { kind: 'json', text: visible(indented(json)), note: '' };
  if (typeof value === 'string') return { kind: 'text', text: visible(value), note: '' };
  if (value instanceof Uint8Array) return { kind: 'bytes', text: hexDump(value), note: '' };
  if (typeof value === 'object' && value !== null && 'typeUrl' in value && 'bytes' in value) {
    const { typeUrl, bytes } = value as { readonly typeUrl: string; readonly bytes: Uint8Array };
    const note = `${typeUrl.slice(typeUrl.lastIndexOf('/') + 1)}, as bytes: ${problems[node.formProblem ?? 'unbound']}`;
    return { kind: 'message', text: hexDump(bytes), note };
  }
  return { kind, text: '', note: 'This kind of value is not known to this version.' };
}

const problems = {
  unbound: 'no schema is about this path',
  no_json: 'it has no JSON form',
  too_large: 'it is too large as JSON',
  schema_unusable: 'its schema cannot be worked with',
  superseded: 'its schema was superseded meanwhile',
} as const;

/** JSON with a line for each member. The text of numbers is kept, whatever their size. */
export function indented(json: string): string {
  if (json.length > indentCharactersMax) return json;
  let [out, depth, isQuoted] = ['', 0, false];
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at] ?? '';
    if (isQuoted) {
      out += character;
      if (character === '\\') out += json[(at += 1)] ?? '';
      else if (character === '"') isQuoted = false;
      continue;
    }
    if (character === '"') isQuoted = true;
    if (' \n\r\t'.includes(character)) continue;
    if (character === '{' || character === '[') {
      const close = closesAt(json, at);
      if (close > 0) {
        out += character + (json[close] ?? '');
        at = close;
        continue;
      }
      depth += 1;
      out += character + line(depth);
    } else if (character === '}' || character === ']') {
      depth -= 1;
      out += line(depth) + character;
    } else if (character === ',') out += character + line(depth);
    else if (character === ':') out += ': ';
    else out += character;
  }
  return out;
}

/** Where an object or array without members closes; 0 where it has some. */
function closesAt(json: string, open: number): number {
  let at = open + 1;
  while (at < json.length && ' \n\r\t'.includes(json[at] ?? '')) at += 1;
  return json[at] === '}' || json[at] === ']' ? at : 0;
}

function line(depth: number): string {
  return depth > indentDepthMax ? '' : `\n${'  '.repeat(depth)}`;
}

/** Control characters as their pictures, and what turns the direction of text or is invisible as its number. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(controlPictures + code);
    return `\u2039U+${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
  });
}

/** Where Unicode has pictures of the control characters. */
const controlPictures = 0x2400;
/** Controls, formats (direction, zero width) and the separators that end a line without looking like it. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Bytes as rows of offset, hexadecimal digits and letters. */
export function hexDump(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, hexBytesMax);
  const rows: string[] = [];
  for (let at = 0; at < shown.length; at += bytesARow) {
    const row = [...shown.subarray(at, at + bytesARow)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row
      .map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '\u00b7'))
      .join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${digits.padEnd(bytesARow * 3 - 1)}  ${letters}`);
  }
  const left = bytes.length - shown.length;
  return left > 0
    ? `${rows.join('\n')}\n\u2026 and ${left.toLocaleString('en')} bytes more`
    : rows.join('\n');
}

/** Bytes that a dump shows: nobody reads more of them. */
const hexBytesMax = 64 * 1_024;

/** A size for people. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [unit, by] = bytes < 1_000_000 ? (['kB', 1_000] as const) : (['MB', 1_000_000] as const);
  return `${(bytes / by).toFixed(bytes < 10 * by ? 1 : 0)} ${unit}`;
}

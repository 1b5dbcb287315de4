/**
 * Text for a model to read. The broker's own lines begin with `===`; a line of a value that begins so, or with backslashes and then
 * so, gets one backslash more. So no value can pass for a heading, and what a value was can still be told.
 */
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import type { Shown } from './shown.ts';
import type { Origin, ShownChange, Writer } from './writer.ts';

/** See above. */
export const textWriter: Writer = {
  head: '=== state; what comes later corrects what comes before\n',
  node: (path, shown) => headed('', path, shown),
  leftOut: (nodes, tokens) => `=== left out: ${counted(nodes, 'node')}, about ${tokens} tokens\n`,
  foot: (revision) => `=== that was the state at revision ${revision}\n`,
  section: (origin, changes) => `=== ${originText(origin)}\n${changes.map(changeText).join('')}`,
  cut: (changes, afterRevision, tokens) =>
    `=== left out: ${counted(changes, 'change')} after revision ${afterRevision}, about ${tokens} tokens\n`,
};

function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'revision':
      return `revision ${origin.revision}${byText(origin.author)}`;
    case 'around':
      return 'what the ghost began with';
    case 'staged':
      return `in the ghost, diff ${origin.sequence}${byText(origin.author)}`;
  }
}

function byText(author: string): string {
  return author === '' ? '' : ` by ${inLine(author)}`;
}

function changeText(change: ShownChange): string {
  const { kind, path } = change;
  if (kind === 'deleted') return `=== deleted ${change.below ? 'with all below it ' : ''}${pathText(path)}\n`;
  return headed(kind === 'added' ? 'added to ' : `${kind} `, path, change.shown);
}

/** A heading, and a value under it. */
function headed(words: string, path: Path, shown: Shown): string {
  const { kind } = shown;
  if (kind === 'text' || kind === 'json') return `=== ${words}${pathText(path)}\n${inBody(shown.text)}\n`;
  if (kind === 'bytes') return `=== ${words}${shown.bytes} bytes at ${pathText(path)}\n`;
  const name = shown.type === '' ? 'a message' : `a message ${shown.type}`;
  if (shown.json !== null) return `=== ${words}${name} at ${pathText(path)}\n${inBody(shown.json)}\n`;
  return `=== ${words}${name} of ${shown.bytes} bytes at ${pathText(path)}\n`;
}

/** Words of ours come before a path only, and a path begins with a slash: so nothing in it can pass for them. */
function pathText(path: Path): string {
  return inLine(formatPath(path));
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

const lineBreaks = /[\n\r\t]/g;
/** All but tabs and plain line breaks; with them what some take for a line break. */
const controls = /(?![\n\r\t])\p{Cc}|[\u2028\u2029]/gu;
const likeOurs = /(^|[\n\r])(\\*===)/g;

/** A name or a path, which must stay in its line. */
function inLine(text: string): string {
  return visible(text).replace(lineBreaks, escaped);
}

/** A value, of which no line may look like one of ours. */
function inBody(text: string): string {
  const shown = visible(text);
  return shown.includes('===') ? shown.replace(likeOurs, '$1\\$2') : shown;
}

function visible(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.replace(controls, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON lines: an object a node or change. What a line says of itself is in its keys, and values are in strings or JSON of their own. */
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import type { Shown } from './shown.ts';
import type { Origin, ShownChange, Writer } from './writer.ts';

/** See above. */
export const jsonWriter: Writer = {
  head: '',
  node: (path, shown) => `{${pathMember(path)},${members(shown)}}\n`,
  leftOut: (nodes, tokens) => `{"leftOut":{"nodes":${nodes},"tokens":${tokens}}}\n`,
  foot: (revision) => `{"state":{"revision":${revision}}}\n`,
  section(origin, changes) {
    const head = originMembers(origin);
    return changes.map((change) => `{${head},${changeMembers(change)}}\n`).join('');
  },
  cut: (changes, afterRevision, tokens) =>
    `{"leftOut":{"changes":${changes},"afterRevision":${afterRevision},"tokens":${tokens}}}\n`,
};

function originMembers(origin: Origin): string {
  switch (origin.kind) {
    case 'revision':
      return `"revision":${origin.revision}${authorMember(origin.author)}`;
    case 'around':
      return '"staged":0';
    case 'staged':
      return `"staged":${origin.sequence}${authorMember(origin.author)}`;
  }
}

function authorMember(author: string): string {
  return author === '' ? '' : `,"author":${quoted(author)}`;
}

function changeMembers(change: ShownChange): string {
  const head = `"change":"${change.kind}",${pathMember(change.path)}`;
  if (change.kind !== 'deleted') return `${head},${members(change.shown)}`;
  return change.below ? `${head},"below":true` : head;
}

function pathMember(path: Path): string {
  return `"path":${quoted(formatPath(path))}`;
}

function members(shown: Shown): string {
  switch (shown.kind) {
    case 'text':
      return `"text":${quoted(shown.text)}`;
    case 'json':
      return `"json":${inLine(shown.text)}`;
    case 'bytes':
      return `"bytes":${shown.bytes}`;
    case 'message': {
      const name = `"message":${quoted(shown.type)}`;
      return shown.json === null ? `${name},"bytes":${shown.bytes}` : `${name},"json":${inLine(shown.json)}`;
    }
  }
}

const lineBreaks = /[\n\r]/g;
const unusual = /[\u007F-\u009F\u2028\u2029]/g;

function quoted(text: string): string {
  return JSON.stringify(text).replace(unusual, escaped);
}

/** Valid JSON in one line. Its strings hold no line breaks as they are, so these stand between tokens; the others are in strings only. */
function inLine(json: string): string {
  const wellFormed = json.isWellFormed() ? json : json.toWellFormed();
  return wellFormed.replace(lineBreaks, '').replace(unusual, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

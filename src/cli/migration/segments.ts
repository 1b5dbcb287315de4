/** Ids of frameworks as segments of paths, as the pages about the layouts say. */
import { segmentBytesMax } from './limits.ts';

/** The id cannot be a segment, or what is stored cannot be read: this thread or session is left out, and others are not. */
export class Unimportable extends Error {
  override readonly name = 'Unimportable';
}

/** Somebody else has gone on with the thread or session here, and the database has gone on too. */
export class GoneOn extends Error {
  override readonly name = 'GoneOn';
}

// Control characters are U+0000–U+001F and U+007F–U+009F.
const unusual = /[%/\p{Cc}]/gu;

/** An id as a segment. `what` names it in errors. Throws {@link Unimportable} for what no segment can hold. */
export function segmentOf(id: string, what: string): string {
  if (!id.isWellFormed())
    throw new Unimportable(`the ${what} ${JSON.stringify(id)} holds half a surrogate pair`);
  const segment = id === '' ? '%' : id === '.' || id === '..' ? percent(id) : escaped(id);
  const bytes = Buffer.byteLength(segment);
  if (bytes > segmentBytesMax)
    throw new Unimportable(
      `the ${what} ${JSON.stringify(`${id.slice(0, 60)}…`)} takes ${bytes} bytes in a path, and ${segmentBytesMax} are the most`,
    );
  return segment;
}

function escaped(id: string): string {
  const text = id.replace(unusual, percent);
  return text.startsWith('*') ? `%2A${text.slice(1)}` : text;
}

function percent(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text)) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return out;
}

/** The option of all adapters: a path below which threads or sessions lie; empty for the top. */
export function rootOf(path: string): string {
  return path.replace(/\/+$/, '');
}

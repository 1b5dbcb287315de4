/** Ids of frameworks as segments of paths. Adapters in all languages make the same (`docs/frameworks/openai-agents-layout.md`, "Names"). */

// The broker's own limit for a segment of a path.
const segmentBytesMax = 255;

const encoder = new TextEncoder();
// Control characters are U+0000–U+001F and U+007F–U+009F.
const unusual = /[%/\p{Cc}]/gu;

/** Makes an error of the framework's kind. */
export type Refuse = (message: string) => Error;

/** The subtree `leaf` of an id below a root, such as `/chats/chat 1/ai`. `what` names the id in errors. */
export function subtreeOf(root: string, what: string, id: string, leaf: string, refuse: Refuse): string {
  if (root !== '' && !root.startsWith('/'))
    throw refuse(`root must be empty or a path such as '/chats', not ${JSON.stringify(root)}`);
  return `${root.replace(/\/+$/, '')}/${segmentOf(what, id, refuse)}/${leaf}`;
}

/** An id as one segment of a path. */
export function segmentOf(what: string, id: string, refuse: Refuse): string {
  if (typeof id !== 'string' || id === '')
    throw refuse(`a ${what} must be a text that is not empty, not ${JSON.stringify(id)}`);
  const shown = JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id);
  if (!id.isWellFormed())
    throw refuse(`the ${what} ${shown} is no valid Unicode: it holds half a surrogate pair`);
  if (id === '.' || id === '..') return id.replaceAll('.', '%2E');
  const escaped = id.replace(unusual, percent);
  const segment = escaped.startsWith('*') ? `%2A${escaped.slice(1)}` : escaped;
  const bytes = encoder.encode(segment).length;
  if (bytes > segmentBytesMax)
    throw refuse(
      `the ${what} ${shown} takes ${bytes} bytes in a path, and ${segmentBytesMax} are the most: use a shorter one, such as a hash of it`,
    );
  return segment;
}

/** A number as a segment: padded, since the broker lists names by their bytes. */
export function numberName(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

function percent(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return out;
}

/** Ids of LangGraph as segments of paths, and back: `docs/frameworks/langgraph-layout.md`, "Names". */
import { segmentBytesMax } from './limits.ts';
import { UnusableIdError } from './errors.ts';

const encoder = new TextEncoder();
// Control characters are U+0000–U+001F and U+007F–U+009F.
const unusual = /[%/\p{Cc}]/gu;
// Most ids are such, and one byte a character: they are segments as they are.
const plain = /^[\w-]{1,255}$/;

/** An id as a segment. `what` names it in errors. Throws {@link UnusableIdError} for what no segment can hold. */
export function encodeSegment(id: string, what: string): string {
  if (plain.test(id)) return id;
  if (!id.isWellFormed()) throw new UnusableIdError(what, id, 'it holds half a surrogate pair');
  const segment = id === '' ? '%' : id === '.' || id === '..' ? percent(id) : escapeUnusual(id);
  const bytes = encoder.encode(segment).length;
  if (bytes > segmentBytesMax) {
    const why = `it takes ${bytes} bytes, and ${segmentBytesMax} are the most; use a shorter one, such as a hash of it`;
    throw new UnusableIdError(what, id, why);
  }
  return segment;
}

/** The id that a segment stands for; what nobody here has made comes back as it is. */
export function decodeSegment(segment: string): string {
  if (segment === '%') return '';
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function escapeUnusual(id: string): string {
  const text = id.replace(unusual, percent);
  return text.startsWith('*') ? `%2A${text.slice(1)}` : text;
}

function percent(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return out;
}

/** Last segment of a path. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `T`: the subtree of a thread. */
export function threadPath(root: string, threadId: string): string {
  return `${root}/${encodeSegment(threadId, 'thread id')}/langgraph`;
}

/** `N`: the subtree of a checkpoint namespace in the thread at `thread`. */
export function namespacePath(thread: string, namespace: string): string {
  if (namespace === '') return thread;
  const parts = namespace.split('|').map((part) => encodeSegment(part, 'checkpoint namespace'));
  return `${thread}/subgraphs/${parts.join('/subgraphs/')}`;
}

/** The namespace whose subtree is `path`, in the thread at `thread`. */
export function namespaceOf(thread: string, path: string): string {
  const segments = path.slice(thread.length + 1).split('/');
  return segments
    .filter((_, index) => index % 2 === 1)
    .map(decodeSegment)
    .join('|');
}

export function headPath(namespace: string): string {
  return `${namespace}/head`;
}

export function sweptPath(thread: string): string {
  return `${thread}/swept`;
}

export function textPath(thread: string, digest: string): string {
  return `${thread}/texts/${digest}`;
}

export function bytesPath(thread: string, digest: string): string {
  return `${thread}/bytes/${digest}`;
}

export function checkpointPath(namespace: string, checkpointId: string): string {
  return `${namespace}/checkpoints/${encodeSegment(checkpointId, 'checkpoint id')}`;
}

export function writesPath(namespace: string, checkpointId: string): string {
  return `${checkpointPath(namespace, checkpointId)}/writes`;
}

/** A channel's value or list by its number. */
export function channelPath(namespace: string, channel: string, number: number): string {
  return `${namespace}/channels/${encodeSegment(channel, 'channel')}/${number}`;
}

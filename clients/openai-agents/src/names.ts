/** Where a session lies: the paths of `docs/openai-agents-layout.md`. Both languages must make the same. */
import { UserError } from '@openai/agents';
import { numberDigits, segmentBytesMax } from './limits.ts';

const encoder = new TextEncoder();
// Control characters are U+0000–U+001F and U+007F–U+009F.
const unusual = /[%/\p{Cc}]/gu;

/** The subtree of a session. */
export function sessionPath(root: string, sessionId: string): string {
  if (root !== '' && !root.startsWith('/'))
    throw new UserError(`root must be empty or a path such as '/chats', not ${JSON.stringify(root)}`);
  return `${root.replace(/\/+$/, '')}/${segmentOf(sessionId)}/openai-agents`;
}

/** The name of an item's node, by its number from 0. */
export function itemName(number: number): string {
  return String(number).padStart(numberDigits, '0');
}

/** A session id as one segment of a path. */
export function segmentOf(sessionId: string): string {
  if (typeof sessionId !== 'string' || sessionId === '')
    throw new UserError(`a session id must be a text that is not empty, not ${JSON.stringify(sessionId)}`);
  const shown = JSON.stringify(sessionId.length > 40 ? `${sessionId.slice(0, 40)}…` : sessionId);
  if (!sessionId.isWellFormed())
    throw new UserError(`the session id ${shown} is no valid Unicode: it holds half a surrogate pair`);
  if (sessionId === '.' || sessionId === '..') return sessionId.replaceAll('.', '%2E');
  const escaped = sessionId.replace(unusual, percent);
  const segment = escaped.startsWith('*') ? `%2A${escaped.slice(1)}` : escaped;
  const bytes = encoder.encode(segment).length;
  if (bytes > segmentBytesMax)
    throw new UserError(
      `the session id ${shown} takes ${bytes} bytes in a path, and ${segmentBytesMax} are the most: use a shorter one, such as a hash of it`,
    );
  return segment;
}

function percent(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return out;
}

/** The prompt for whoever takes over a session. */
import { mcpGhostsLookedAtMax, mcpGhostsShownMax, mcpLocksShownMax } from '../../base/limits.ts';
import type { Client, Event } from '../../../clients/typescript/src/index.ts';
import { firstOf, onePage } from '../page.ts';
import { tellEvent } from '../shapes/event.ts';

const tokenBudget = 6_000;
const eventsShown = 20;

export async function handOver(client: Client, path: string): Promise<string> {
  const pattern = path === '/' ? '/**' : `${path}/**`;
  const [rendered, events, ghosts, locks] = await Promise.all([
    client.renderContext(path === '/' ? pattern : [path, pattern], { tokenBudget }),
    onePage(
      client.history({
        path: path === '/' ? undefined : path,
        newestFirst: true,
        pageSize: eventsShown,
        form: 'json',
      }),
      undefined,
    ),
    openGhosts(client, path),
    openLocks(client, path),
  ]);
  const open = [...ghosts, ...locks];
  return [
    `Take over the session ${path}. Other agents may still work in it.`,
    `Its state at revision ${rendered.revision}:\n\n${rendered.text === '' ? '(nothing)\n' : rendered.text}`,
    `What happened last, newest first:\n${events.items.map(eventLine).join('\n') || '(nothing)'}`,
    open.length === 0
      ? 'Nothing is open: there are no live ghosts and no locks.'
      : `Still open:\n${open.join('\n')}`,
    `Say first, in a few sentences, what the state of the work is and what you would do next. Then go on; hear with changes_since and revision ${rendered.revision} what others do meanwhile.`,
  ].join('\n\n');
}

async function openGhosts(client: Client, path: string): Promise<string[]> {
  const { found, isCut } = await firstOf(client.ghosts('live'), {
    isWanted: ({ scope }) => isRelated(scope, path),
    itemsMax: mcpGhostsShownMax,
    lookedAtMax: mcpGhostsLookedAtMax,
  });
  const lines = found.map(
    ({ id, author, label }) =>
      `- ghost ${id} of ${author || 'an agent without a name'}: ${label || '(no label)'}`,
  );
  return isCut ? [...lines, '- maybe more ghosts: not all live ones were looked at'] : lines;
}

async function openLocks(client: Client, path: string): Promise<string[]> {
  const page = await onePage(client.locks({ path, pageSize: mcpLocksShownMax }), undefined);
  const lines = page.items.map(
    ({ author, targets, state }) =>
      `- lock of ${author || 'an agent without a name'} on ${targets.map((target) => target.path).join(', ')} (${state})`,
  );
  return page.nextPageToken === '' ? lines : [...lines, '- more locks than are shown here'];
}

function isRelated(scope: string, path: string): boolean {
  if (scope === '' || scope === '/' || path === '/') return true;
  return `${scope}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${scope}/`);
}

function eventLine(event: Event): string {
  const { revision, author, time, label, changes, changes_total } = tellEvent(event);
  const paths = changes.slice(0, 5).map(({ path, action }) => `${action} ${path}`);
  const more = changes_total > paths.length ? ` and ${changes_total - paths.length} more` : '';
  return `- revision ${revision} by ${author || 'an agent without a name'} at ${time}${label === undefined ? '' : ` (${label})`}: ${paths.join(', ')}${more}`;
}

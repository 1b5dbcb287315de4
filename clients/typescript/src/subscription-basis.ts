/** What counts as read when a subscription hands something out. */
import type { Agent } from './agent.ts';
import type { SubscriptionItem } from './subscription-item.ts';

/**
 * Notes an item in the agent's basis. Someone who watches a whole subtree has seen all of it up to the newest item; for other
 * patterns only the paths that came count. What happens in other ghosts is no state that the agent stands on.
 */
export function noteItem(
  agent: Agent,
  patterns: readonly string[],
  ghostId: string,
  item: SubscriptionItem,
): void {
  agent.see(item.revision);
  if (agent.basis === undefined || ghostId !== '' || item.kind === 'bookmark' || item.revision === 0) return;
  let watched = false;
  for (const pattern of patterns) {
    const root = subtreeOf(pattern);
    if (root === undefined) continue;
    agent.note(root, item.revision, 'subtree');
    watched = true;
  }
  if (watched && patterns.length === 1) return;
  if (item.kind === 'snapshot') {
    // A path of its own was looked at whether or not there is something.
    for (const pattern of patterns) if (!pattern.includes('*')) agent.note(pattern, item.revision, 'absent');
    for (const node of item.nodes) agent.note(node.path, item.revision, 'node');
  } else for (const change of item.event.changes) agent.note(change.path, item.revision, 'node');
}

/** `/a/b` for the pattern `/a/b/**`; `undefined` for patterns that are no whole subtree. */
function subtreeOf(pattern: string): string | undefined {
  if (!pattern.endsWith('/**')) return undefined;
  const root = pattern.slice(0, -3);
  return root.includes('*') ? undefined : root === '' ? '/' : root;
}

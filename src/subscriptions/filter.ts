/** Which changes of an event a subscriber is told of. */
import type { Operation } from '../state/command.ts';
import type { Change, ForestEvent } from '../state/event.ts';
import { subtreePattern, matches, overlapsSubtree } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import { isWithin } from '../trie/path.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import type { Scope, Subscription } from './subscription.ts';

/** An operation that changes more than its own path: whoever watches something below hears of it too. */
export function reachesBelow(operation: Operation): boolean {
  return operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
}

/** Whether a subscriber with this scope hears of such events at all. */
export function inScope(scope: Scope, event: ForestEvent): boolean {
  switch (scope.kind) {
    case 'trunk':
      return event.revision > 0;
    case 'ghost':
      return event.ghostId === scope.ghostId;
    case 'everything':
      return true;
  }
}

/** Whether an event says that what an agent had read was taken back. */
export function tellsAgent({ basisReverted }: ForestEvent, agent: string | undefined): boolean {
  if (basisReverted === undefined || agent === undefined || agent === '') return false;
  return basisReverted.agents.some(({ author }) => author === agent);
}

/** What a subscriber is told of an event, or `null` where it is not concerned. */
export function selectFor(
  { patterns, scope, agent }: Pick<Subscription, 'patterns' | 'scope' | 'agent'>,
  event: ForestEvent,
): readonly Change[] | null {
  const chosen = inScope(scope, event) ? selectChanges(patterns, scope, event) : null;
  return chosen === null && tellsAgent(event, agent) ? nothing : chosen;
}

const nothing: readonly Change[] = [];

/**
 * The changes that match, or `null` where the event is not to be delivered. Who watches ghosts is told of every end of one,
 * whatever it changed; who watches the trunk of nothing but changes.
 */
export function selectChanges(
  patterns: readonly Pattern[],
  scope: Scope,
  event: ForestEvent,
): readonly Change[] | null {
  if (event.changes.length === 0)
    return scope.kind !== 'trunk' && concernsGhost(patterns, event) ? event.changes : null;
  const chosen = event.changes.filter(({ operation }) => changeMatches(patterns, operation));
  if (chosen.length === 0) return scope.kind !== 'trunk' && endsGhost(event) ? chosen : null;
  const copies = chosen.filter(({ operation }) => operation.kind === 'copy');
  if (copies.length > 0) return [...chosen, ...copiedNodes(patterns, event, copies)];
  return chosen.length === event.changes.length ? event.changes : chosen;
}

/** The event is the last one of its ghost. */
export function endsGhost({ transition }: ForestEvent): boolean {
  const kind = transition?.kind;
  return kind === 'committed' || kind === 'reverted' || kind === 'expired';
}

/** The event can only be told with the roots on both sides of it. */
export function needsRoots(event: ForestEvent): boolean {
  return event.changes.some(({ operation }) => operation.kind === 'copy');
}

function changeMatches(patterns: readonly Pattern[], operation: Operation): boolean {
  return patterns.some((pattern) =>
    reachesBelow(operation) ? overlapsSubtree(pattern, operation.path) : matches(pattern, operation.path),
  );
}

/** A ghost's beginning and end, checkpoints and rewinds: told to all whose patterns may lie in its scope. */
function concernsGhost(patterns: readonly Pattern[], event: ForestEvent): boolean {
  const begun = event.transition?.begun ?? null;
  if (begun === null) return event.transition !== null;
  return patterns.some((pattern) => overlapsSubtree(pattern, begun.scope));
}

/**
 * The nodes where copies were put, as they are after the event, as far as they match. They come behind all changes: what the
 * same event did to a copied node is in its value already.
 */
function copiedNodes(patterns: readonly Pattern[], event: ForestEvent, copies: readonly Change[]): Change[] {
  const root = event.roots?.after;
  if (root === undefined) return [];
  const copied = copies.map(({ operation }) => subtreePattern(operation.path));
  const puts: Change[] = [];
  for (const { path, node } of walkMatching(root, copied)) {
    if (node.entry === null || !patterns.some((pattern) => matches(pattern, path))) continue;
    const author = copies.findLast(({ operation }) => isWithin(path, operation.path))?.author ?? '';
    puts.push({ operation: { kind: 'put', path, value: node.entry }, author, sum: '' });
  }
  return puts;
}

/** Which namespaces a listing tells. */
import type { ListNamespacesOperation, MatchCondition } from '@langchain/langgraph-checkpoint';

/** Those that fit all conditions, cut to `maxDepth`, each once, in order. */
export function namespacesOf(
  all: readonly (readonly string[])[],
  { matchConditions = [], maxDepth, limit, offset }: ListNamespacesOperation,
): string[][] {
  const found = new Map<string, string[]>();
  for (const namespace of all) {
    if (!matchConditions.every((condition) => fits(namespace, condition))) continue;
    const cut = namespace.slice(0, maxDepth ?? namespace.length);
    found.set(cut.join('\u0000'), cut);
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, namespace]) => namespace);
  return sorted.slice(offset ?? 0, (offset ?? 0) + (limit ?? sorted.length));
}

/** `*` stands for any one label. */
function fits(namespace: readonly string[], { matchType, path }: MatchCondition): boolean {
  if (path.length > namespace.length) return false;
  const start = matchType === 'prefix' ? 0 : namespace.length - path.length;
  return path.every((label, place) => label === '*' || label === namespace[start + place]);
}

/** Items as they lie in nodes: `docs/frameworks/langgraph-layout.md`, "Stores". */
import type { Item } from '@langchain/langgraph-checkpoint';
import { UnusableIdError } from '../errors.ts';
import { decodeSegment, encodeSegment } from '../names.ts';

/** A value of LangGraph's stores. */
export type ItemValue = Item['value'];

/** The content of a node. */
export interface StoredItem {
  readonly value: ItemValue;
  readonly created: string;
  readonly updated: string;
  /** Minutes. */
  readonly ttl?: number;
  readonly expires?: string;
}

export function parseItem(text: string | undefined): StoredItem | undefined {
  if (text === undefined) return undefined;
  const parsed = JSON.parse(text) as Partial<StoredItem> | null;
  // Somebody else may keep other things in the tree of the store.
  const isItem =
    typeof parsed === 'object' &&
    parsed !== null &&
    typeof parsed.value === 'object' &&
    parsed.value !== null;
  return isItem && typeof parsed.created === 'string' ? (parsed as StoredItem) : undefined;
}

export function isExpired(item: StoredItem, nowMs: number): boolean {
  return item.expires !== undefined && Date.parse(item.expires) <= nowMs;
}

/** When something ends that lives so many minutes from now on. */
export function expiryOf(ttlMinutes: number, nowMs: number): string {
  return new Date(nowMs + ttlMinutes * 60_000).toISOString();
}

/** An item as programs see it. */
export function itemAt(root: string, path: string, stored: StoredItem): Item {
  const { namespace, key } = placeAt(root, path);
  return {
    value: stored.value,
    key,
    namespace,
    createdAt: new Date(stored.created),
    updatedAt: new Date(stored.updated),
  };
}

/** Namespace and key of the node at `path`. */
export function placeAt(root: string, path: string): { readonly namespace: string[]; readonly key: string } {
  const labels = path
    .slice(root.length + 1)
    .split('/')
    .map(decodeSegment);
  return { namespace: labels.slice(0, -1), key: labels.at(-1) ?? '' };
}

/** The subtree of a namespace. */
export function namespaceAt(root: string, namespace: readonly string[]): string {
  return [root, ...namespace.map((label) => encodeSegment(label, 'namespace label'))].join('/');
}

export function itemPath(root: string, namespace: readonly string[], key: string): string {
  if (namespace.length === 0)
    throw new UnusableIdError('namespace', '', 'it has no labels; give it at least one');
  return `${namespaceAt(root, namespace)}/${encodeSegment(key, 'key')}`;
}

/** Trees → `SnapshotNode` items. What a tree shares with its reference is skipped, so a difference costs what differs. */
import type { Root } from '../state/ghosts/ghost.ts';
import type { Entry } from '../state/values/value.ts';
import { ChildCursor } from '../trie/cursor.ts';
import { compareSegments } from '../trie/path.ts';
import type { SnapshotItems } from './snapshot-items.ts';
import { itemField } from './snapshot-items.ts';
import { valueOverheadBytes, writeValue } from './value.ts';

/** Children of one node that are being gone through, and those of the node at the same path in the reference. */
interface Level {
  readonly cursor: ChildCursor<Entry>;
  readonly reference: ChildCursor<Entry>;
}

/** Never moves, so all levels without a reference can share it. */
const nothing = new ChildCursor<Entry>(null);

/** Writes `root`: all of it, or what differs from `reference`, which is nothing where they are the same. */
export function* writeTree(
  items: SnapshotItems,
  root: Root,
  reference: Root | null,
): Generator<Uint8Array, void, undefined> {
  if (root === reference) return;
  writeNode(items, 0, '', root, reference ?? undefined);
  const levels: Level[] = [levelOf(root, reference ?? undefined)];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { cursor, reference } = level;
    if (cursor.skipShared(reference)) continue;
    const [own, referred] = [cursor.segment, reference.segment];
    const segment = earlier(own, referred);
    if (segment === undefined) {
      levels.pop();
      continue;
    }
    const node = own === segment ? cursor.node : undefined;
    const old = referred === segment ? reference.node : undefined;
    if (node !== undefined) cursor.advance();
    if (old !== undefined) reference.advance();
    if (node === old) continue;
    writeNode(items, levels.length, segment, node, old);
    if (items.isFull) yield items.take();
    if (node !== undefined && node.children !== (old?.children ?? null)) levels.push(levelOf(node, old));
  }
}

function levelOf(node: Root, reference: Root | undefined): Level {
  const referred = reference?.children ?? null;
  return {
    cursor: new ChildCursor(node.children),
    reference: referred === null ? nothing : new ChildCursor(referred),
  };
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareSegments(a, b) <= 0 ? a : b;
}

/** Writes a node; `undefined`: that there is none where the reference has one. */
function writeNode(
  items: SnapshotItems,
  depth: number,
  segment: string,
  node: Root | undefined,
  old: Root | undefined,
): void {
  const { writer } = items;
  const entry = node?.entry ?? null;
  const isOld = entry !== null && entry === old?.entry;
  const valueBytes =
    entry === null || isOld ? 0 : entry.bytes + entry.type.length + entry.author.length + valueOverheadBytes;
  items.open(itemField.node, segment.length + valueBytes + 24);
  writer.uint(1, depth);
  writer.text(2, segment);
  if (node === undefined) {
    writer.boolean(12, true);
  } else {
    writer.sint(3, node.touched);
    writer.sint(4, node.grafted);
    writer.boolean(5, isOld);
    if (entry !== null && !isOld) {
      writeValue(writer, 6, entry);
      writer.sint(7, entry.created);
      writer.sint(8, entry.modified);
      writer.sint(9, entry.assigned);
      writer.uint(10, entry.version);
      writer.text(11, entry.author);
    }
  }
  items.close();
}

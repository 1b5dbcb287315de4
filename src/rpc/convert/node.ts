/** Nodes as clients see them. */
import { create } from '@bufbuild/protobuf';
import type { Node } from '../../gen/hyperloom/v1/node_pb.ts';
import { NodeSchema } from '../../gen/hyperloom/v1/node_pb.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import type { Entry } from '../../state/values/value.ts';
import { effectiveTouched, locate } from '../../trie/lookup.ts';
import type { Located } from '../../trie/lookup.ts';
import { laterStamp } from '../../trie/node.ts';
import type { Stamp, TrieNode } from '../../trie/node.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { TellValue } from './value-message.ts';

/** Bytes of a node's message beside its path and value, about. */
export const nodeOverheadBytes = 48;

/** How many children a node is told to have. */
export type CountChildren = (path: Path, node: TrieNode<Entry>) => number;

const countAll: CountChildren = (_path, { children }) => children?.size ?? 0;

/** A node at its place; without its value where nothing tells it. */
export function nodeMessage(
  path: Path,
  located: Located<Entry>,
  tell: TellValue | null,
  countChildren: CountChildren = countAll,
): Node {
  const { node, grafted } = located;
  const { entry } = node;
  const message = create(NodeSchema, {
    path: formatPath(path),
    subtreeRevision: revisionOf(effectiveTouched(located)),
    childCount: BigInt(countChildren(path, node)),
  });
  if (entry !== null) describe(message, path, entry, grafted, tell);
  return message;
}

/** The node at `path`; `undefined` where there is none. */
export function nodeAt(
  root: Root,
  path: Path,
  tell: TellValue | null,
  countChildren?: CountChildren,
): Node | undefined {
  const located = locate(root, path);
  return located === undefined ? undefined : nodeMessage(path, located, tell, countChildren);
}

/** What is known of a node by its entry alone. */
export function entryMessage(path: Path, entry: Entry, tell: TellValue | null): Node {
  const message = create(NodeSchema, { path: formatPath(path) });
  describe(message, path, entry, 0, tell);
  return message;
}

/** Bytes of a node's value as it is told, about: JSON may be larger than the message that is stored. */
export function toldBytes({ value, valueBytes }: Node): number {
  if (value === undefined) return 0;
  return value.kind.case === 'json' ? value.kind.value.length : Number(valueBytes);
}

function describe(message: Node, path: Path, entry: Entry, grafted: Stamp, tell: TellValue | null): void {
  const modified = laterStamp(entry.modified, grafted);
  if (tell !== null) message.value = tell(entry, path, modified);
  message.createdRevision = revisionOf(laterStamp(entry.created, grafted));
  message.modifiedRevision = revisionOf(modified);
  message.stagedSequence = modified < 0 ? BigInt(-modified) : 0n;
  message.version = BigInt(entry.version);
  message.author = entry.author;
  message.valueBytes = BigInt(entry.bytes);
}

function revisionOf(stamp: Stamp): bigint {
  return stamp < 0 ? 0n : BigInt(stamp);
}

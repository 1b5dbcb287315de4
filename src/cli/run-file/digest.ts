/** A checksum of what a tree holds: paths from the tree down, kinds, and values byte for byte, in the order of paths. */
import { createHash } from 'node:crypto';

import { TypedMessage, type Client, type Node } from '../../../clients/typescript/src/index.ts';
import { rawValue } from '../output/values.ts';

/** What a tree holds. */
export interface Digest {
  readonly nodes: number;
  readonly sha256: string;
}

/** The digest of a tree at a revision; 0: now. */
export async function digestOf(client: Client, tree: string, atRevision: number): Promise<Digest> {
  const hash = createHash('sha256');
  let nodes = 0;
  for await (const node of valuesOf(client, tree, atRevision)) {
    const type = node.value instanceof TypedMessage ? node.value.typeUrl : '';
    const raw = rawValue(node);
    hash.update(
      JSON.stringify([tree === '/' ? node.path : node.path.slice(tree.length), node.kind, type, raw.length]),
    );
    hash.update(raw);
    nodes += 1;
  }
  return { nodes, sha256: hash.digest('hex') };
}

/** The nodes of a tree that have values, in the order of paths. */
export async function* valuesOf(
  client: Client,
  tree: string,
  atRevision: number,
): AsyncGenerator<Node, void, void> {
  const at = atRevision === 0 ? {} : { atRevision };
  const top = tree === '/' ? undefined : await client.getOrUndefined(tree, at);
  if (top !== undefined && top.kind !== 'none') yield top;
  for await (const node of client.list(tree, { depth: 0, ...at })) if (node.kind !== 'none') yield node;
}

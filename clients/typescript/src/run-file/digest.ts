/** A checksum of what a tree holds: paths from the tree down, kinds, and values byte for byte, in the order of paths. */
import { TypedMessage, type Client, type Node } from '../api.ts';

/** What a tree holds. */
export interface Digest {
  readonly nodes: number;
  readonly sha256: string;
}

/** SHA-256, a piece at a time. Node has one; browsers have none that takes pieces. */
export interface Hash {
  update(piece: Uint8Array): unknown;
  digest(form: 'hex'): string;
}

/** The digest of a tree at a revision; 0: now. */
export async function digestOf(
  client: Client,
  tree: string,
  atRevision: number,
  hash: Hash,
): Promise<Digest> {
  let nodes = 0;
  for await (const node of valuesOf(client, tree, atRevision)) {
    const type = node.value instanceof TypedMessage ? node.value.typeUrl : '';
    const raw = rawValue(node);
    const path = tree === '/' ? node.path : node.path.slice(tree.length);
    hash.update(utf8.encode(JSON.stringify([path, node.kind, type, raw.length])));
    hash.update(raw);
    nodes += 1;
  }
  return { nodes, sha256: hash.digest('hex') };
}

const utf8 = new TextEncoder();

function rawValue({ value, json }: Node): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof TypedMessage) return value.bytes;
  return utf8.encode(json ?? (typeof value === 'string' ? value : ''));
}

/** The nodes of a tree that have values, in the order of paths. */
export async function* valuesOf(
  client: Client,
  tree: string,
  atRevision: number,
): AsyncGenerator<Node, void, void> {
  const at = atRevision === 0 ? {} : { atRevision };
  const top = tree === '/' ? undefined : await client.find(tree, at);
  if (top !== undefined && top.kind !== 'none') yield top;
  for await (const node of client.list(tree, { depth: 0, ...at })) if (node.kind !== 'none') yield node;
}

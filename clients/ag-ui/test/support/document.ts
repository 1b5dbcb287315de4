/** What a feed's document has to be, made in another way than the feed makes it: from all nodes of a listing. */
import { TypedMessage, type Client, type Ghost, type Node } from '@hyperloom/client';

/** The subtree as a document. */
export async function documentOf(verbs: Client | Ghost, root: string): Promise<unknown> {
  const own = await verbs.find(root);
  const below = await verbs
    .list(root, { depth: 0 })
    .all()
    .catch(() => []);
  return at(root, own === undefined ? below : [own, ...below]) ?? {};
}

function at(path: string, nodes: readonly Node[]): unknown {
  const own = nodes.find((node) => node.path === path);
  const value = own === undefined || own.kind === 'none' ? undefined : valueOf(own);
  const below = nodes.filter((node) => node.path.startsWith(`${path}/`));
  const names = new Set(below.map((node) => node.path.slice(path.length + 1).split('/')[0] ?? ''));
  if (names.size === 0) return value;
  const members = [...names].map((name): [string, unknown] => [name, at(`${path}/${name}`, below)]);
  return Object.fromEntries(value === undefined ? members : [['', value], ...members]);
}

function valueOf({ json, value }: Node): unknown {
  if (json !== undefined)
    return JSON.parse(json.replaceAll(/(?<=[[:,])(-?\d{17,})(?=[\],}])|^(-?\d{17,})$/g, '"$1$2"'));
  if (value instanceof TypedMessage || value instanceof Uint8Array) {
    const bytes = value instanceof Uint8Array ? value : value.bytes;
    return { base64: Buffer.from(bytes).toString('base64') };
  }
  return value;
}

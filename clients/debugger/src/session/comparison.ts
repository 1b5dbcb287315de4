/** What two sides differ in: revisions by the broker's own comparison, ghosts by what each makes of its base. */
import type { Client, Node, NodeDifference } from '../../../typescript/src/browser.ts';
import type { Side } from '../model/route.ts';
import { comparePaths } from '../model/tree.ts';

/** Paths compared at most: beyond, nobody reads on. */
export const differencesShown = 200;

export interface Comparison {
  readonly rows: readonly NodeDifference[];
  readonly hasMore: boolean;
}

/** Compares them. */
export async function compareSides(
  client: Client,
  left: Side,
  right: Side,
  signal: AbortSignal,
): Promise<Comparison> {
  if (left.kind === 'revision' && right.kind === 'revision') {
    // The broker takes 0 for the newest as the second side, and for the time before everything as the first.
    if (right.revision === 0) return mirrored(await compareSides(client, right, left, signal));
    const options = { pageSize: differencesShown, form: 'json', signal } as const;
    const { value: page } = await client.diff(left.revision, right.revision, options).pages().next();
    return { rows: page?.items ?? [], hasMore: (page?.nextPageToken ?? '') !== '' };
  }
  return compareByPath(client, left, right, signal);
}

function mirrored({ rows, hasMore }: Comparison): Comparison {
  return { rows: rows.map(({ path, before, after }) => ({ path, before: after, after: before })), hasMore };
}

/** With a ghost on either side: every path that one of the sides has changed, read on both. */
async function compareByPath(
  client: Client,
  left: Side,
  right: Side,
  signal: AbortSignal,
): Promise<Comparison> {
  const changed = await Promise.all([changedIn(client, left, signal), changedIn(client, right, signal)]);
  const paths = [...new Set(changed.flat())].sort(comparePaths);
  const shown = paths.slice(0, differencesShown);
  const [before, after] = await Promise.all([
    readAll(client, left, shown, signal),
    readAll(client, right, shown, signal),
  ]);
  const rows = shown
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }))
    .filter((row) => !isSame(row.before, row.after));
  return { rows, hasMore: paths.length > shown.length };
}

async function changedIn(client: Client, side: Side, signal: AbortSignal): Promise<readonly string[]> {
  if (side.kind === 'revision') return [];
  const ghost = await client.attach(side.ghostId, { signal });
  const { value: page } = await ghost.diff({ pageSize: differencesShown, signal }).pages().next();
  return (page?.items ?? []).map(({ path }) => path);
}

async function readAll(
  client: Client,
  side: Side,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Node>> {
  if (paths.length === 0 || (side.kind === 'revision' && side.revision === 0)) return new Map();
  const options = { form: 'json', signal } as const;
  const { nodes } =
    side.kind === 'ghost'
      ? await (await client.attach(side.ghostId, { signal })).batchGet(paths, options)
      : await client.batchGet(paths, { ...options, atRevision: side.revision });
  return new Map(nodes.map((node) => [node.path, node]));
}

function isSame(left: Node | undefined, right: Node | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.kind !== right.kind || left.json !== right.json) return false;
  if (left.value instanceof Uint8Array && right.value instanceof Uint8Array) {
    const other = right.value;
    return left.value.length === other.length && left.value.every((byte, at) => byte === other[at]);
  }
  return left.json !== undefined || left.value === right.value;
}

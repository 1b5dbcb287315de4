/** What two sides differ in: revisions by the broker's own comparison, ghosts by what each makes of its base, and by their bases. */
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

/** With a ghost on either side: every path that one of the sides has changed, or in which what they stand on differs, read on both. */
async function compareByPath(
  client: Client,
  left: Side,
  right: Side,
  signal: AbortSignal,
): Promise<Comparison> {
  const sides = await Promise.all([changedIn(client, left, signal), changedIn(client, right, signal)]);
  const between = await changedBetween(client, sides[0].base, sides[1].base, signal);
  const changed = [...sides, between];
  const paths = [...new Set(changed.flatMap((each) => each.paths))].sort(comparePaths);
  const shown = paths.slice(0, differencesShown);
  const [before, after] = await Promise.all([
    readAll(client, left, shown, signal),
    readAll(client, right, shown, signal),
  ]);
  const rows = shown
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }))
    .filter((row) => !isSame(row.before, row.after));
  return { rows, hasMore: paths.length > shown.length || changed.some(({ hasMore }) => hasMore) };
}

/** Paths that something has changed, as far as they were asked for. */
interface Changed {
  readonly paths: readonly string[];
  readonly hasMore: boolean;
}

/** What a ghost has changed, with those around it, of the trunk revision that it stands on. */
async function changedIn(
  client: Client,
  side: Side,
  signal: AbortSignal,
): Promise<Changed & { readonly base: number }> {
  if (side.kind === 'revision') return { paths: [], hasMore: false, base: side.revision };
  const ghost = await client.attach(side.ghostId, { signal });
  const { baseRevision: base, parentGhostId } = await ghost.state({ signal });
  const own = await firstOf(ghost.diff({ pageSize: differencesShown, signal }));
  if (parentGhostId === '') return { ...own, base };
  const around = await changedIn(client, { kind: 'ghost', ghostId: parentGhostId }, signal);
  return {
    paths: [...own.paths, ...around.paths],
    hasMore: own.hasMore || around.hasMore,
    base: around.base,
  };
}

/** What differs between two trunk revisions; 0 is the time before everything. */
async function changedBetween(
  client: Client,
  one: number,
  other: number,
  signal: AbortSignal,
): Promise<Changed> {
  if (one === other) return { paths: [], hasMore: false };
  const options = { pageSize: differencesShown, signal } as const;
  return firstOf(client.diff(Math.min(one, other), Math.max(one, other), options));
}

async function firstOf(differences: ReturnType<Client['diff']>): Promise<Changed> {
  const { value: page } = await differences.pages().next();
  return { paths: (page?.items ?? []).map(({ path }) => path), hasMore: (page?.nextPageToken ?? '') !== '' };
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

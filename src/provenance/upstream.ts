/**
 * What an author had before it: what its publish says that it had read, each node as it was seen; and on from there to what those
 * who wrote that had read, nearest first.
 */
import { traceStepWork } from '../base/limits.ts';
import type { BasisEntry } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { standingOf } from '../state/values/standing.ts';
import type { Standing } from '../state/values/standing.ts';
import type { Entry } from '../state/values/value.ts';
import { walk } from '../trie/iterate.ts';
import { locate } from '../trie/lookup.ts';
import type { Located } from '../trie/lookup.ts';
import { isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { from } from './entries.ts';
import { ghostKey, keysDownTo, pathKey } from './key.ts';
import type { Made } from './made.ts';
import { pause } from './pause.ts';
import type { Pause } from './pause.ts';
import { SeenViews } from './seen-views.ts';
import type { Layer, Sight } from './sight.ts';

/** How what was seen compares with now. */
export type SeenStanding = 'unchanged' | 'changed' | 'reverted' | 'gone';

/** A node that somebody had before it. */
export interface Seen {
  /** As its reader said; of a subtree it is told for each node that it held. */
  readonly read: BasisEntry;
  readonly path: Path;
  /** The node as it was seen; `null` where there was nothing, or it cannot be shown. */
  readonly located: Located<Entry> | null;
  readonly standing: SeenStanding;
  readonly reader: Made;
  readonly hops: number;
}

export interface UpstreamOptions {
  readonly hops: number;
  /** Counts what led to this node; empty for all that the first publish wrote. */
  readonly path: Path;
  /** The trunk as of which it is told. */
  readonly now: Root;
  readonly revision: number;
  readonly rootAt: (revision: number) => Promise<Root>;
}

export async function* upstream(
  sight: Sight,
  start: Made,
  options: UpstreamOptions,
): AsyncGenerator<Seen | Pause> {
  const views = new SeenViews(sight, options.rootAt, options.revision);
  const met = new Set<number>([start.position]);
  let readers = [start.position];
  let paused = 0;
  for (let hops = 1; hops <= options.hops && readers.length > 0; hops += 1) {
    const next = new Set<number>();
    for (const position of readers) {
      const reader = await sight.loader.made(position);
      if (reader === null) continue;
      for (const read of readsOf(reader, hops === 1 ? options.path : [])) {
        const layers = await sight.layersOf(read);
        for await (const node of nodesOf(views, layers, read, options.now)) {
          const standing = await standingNow(sight, layers, node, options);
          yield { ...node, read, standing, reader, hops };
          sight.reader.work += 1;
          if (hops < options.hops) await collectWriters(sight, layers, node, position, next);
          if (sight.reader.work <= paused + traceStepWork) continue;
          paused = sight.reader.work;
          yield pause;
        }
      }
    }
    readers = [...next].filter((position) => !met.has(position)).sort((a, b) => a - b);
    for (const position of readers) met.add(position);
  }
}

/** What a publish had read; where one path is asked about, what those had read who wrote there. */
function readsOf({ parts }: Made, path: Path): BasisEntry[] {
  const wanted = parts.filter(
    ({ marks }) =>
      path.length === 0 || marks.some((mark) => isWithin(mark.path, path) || reaches(mark, path)),
  );
  return wanted.flatMap(({ reads }) => reads);
}

function reaches(mark: Made['parts'][number]['marks'][number], path: Path): boolean {
  return mark.kind === 'replaced' && isWithin(path, mark.path);
}

/** A node in the view that it was seen in. */
interface SeenAt {
  readonly path: Path;
  readonly located: Located<Entry> | null;
  /** `null` where the view cannot be had. */
  readonly view: Root | null;
}

async function* nodesOf(
  views: SeenViews,
  layers: readonly Layer[],
  { path, extent }: BasisEntry,
  now: Root,
): AsyncGenerator<SeenAt> {
  const view = await views.of(layers);
  if (view === null) {
    yield* stillThere(layers, path, extent, now);
    return;
  }
  if (extent !== 'subtree') {
    const located = locate(view, path);
    yield { path, located: located?.node.entry == null ? null : located, view };
    return;
  }
  let isEmpty = true;
  for (const visited of walk(view, { within: path })) {
    if (visited.node.entry === null) continue;
    isEmpty = false;
    yield { path: visited.path, located: visited, view };
  }
  if (isEmpty) yield { path, located: null, view };
}

/** What was read in a view that cannot be had any more, as far as it is there today as it was then. */
function* stillThere(
  layers: readonly Layer[],
  path: Path,
  extent: BasisEntry['extent'],
  now: Root,
): Generator<SeenAt> {
  const [layer] = layers;
  const then = layer === undefined || layer.name !== '' ? 0 : layer.at;
  let isWhole = standingOf(now, path).touched <= then && standingOf(now, path).present;
  for (const visited of extent === 'absent'
    ? []
    : walk(now, extent === 'subtree' ? { within: path } : { within: path, depth: 0 })) {
    const { modified, entry } = standingOf(now, visited.path);
    if (entry === null) continue;
    if (modified <= then) yield { path: visited.path, located: visited, view: now };
    if (extent === 'node') isWhole = modified <= then;
  }
  if (!isWhole) yield { path, located: null, view: null };
}

async function standingNow(
  sight: Sight,
  layers: readonly Layer[],
  { path, view }: SeenAt,
  { now }: UpstreamOptions,
): Promise<SeenStanding> {
  if (view === null) return 'gone';
  const then = standingOf(view, path);
  if (then.entry !== null && then.modified < 0) return standingInGhost(sight, layers, path, then, now);
  const today = standingOf(now, path);
  const isSame =
    then.entry === null
      ? today.entry === null
      : today.modified === then.modified && today.version === then.version;
  if (isSame) return 'unchanged';
  return then.entry !== null && (await sight.isUndone(then.modified)) ? 'reverted' : 'changed';
}

/** Of what was staged: whether its ghost was dropped; else, whether anybody has written there since, in the ghost or once it was committed. */
async function standingInGhost(
  sight: Sight,
  layers: readonly Layer[],
  path: Path,
  { modified }: Standing,
  now: Root,
): Promise<SeenStanding> {
  const sequence = -modified;
  // Diffs of a ghost are numbered on from those of the ghost around it.
  const layer = layers.find((_, index) => {
    const around = layers[index + 1];
    return around === undefined || around.name === '' || sequence > around.at;
  });
  if (layer === undefined || layer.name === '') return 'gone';
  const writers = await diffAt(sight, layer.name, sequence);
  if (writers === null) return 'gone';
  const { made, fate } = await sight.stories.resolve(writers);
  if (fate === 'dropped') return 'reverted';
  if (fate === 'trunk') {
    if (standingOf(now, path).modified === made.at) return 'unchanged';
    return (await sight.isUndone(made.at)) ? 'reverted' : 'changed';
  }
  const keys = [
    pathKey('assigned', made.layer, path),
    pathKey('added', made.layer, path),
    ...keysDownTo('replaced', made.layer, path),
  ];
  for (const key of keys) {
    for await (const hit of sight.reader.hits(key, { at: made.at, position: Infinity }, Infinity)) {
      const later = await sight.stories.fateOf(made.layer, hit.at, hit.position);
      if (later.kind !== 'dropped') return 'changed';
    }
  }
  return 'unchanged';
}

async function diffAt(sight: Sight, ghostId: string, sequence: number): Promise<Made | null> {
  for await (const hit of sight.reader.hits(ghostKey('diff', ghostId), from(sequence), sequence)) {
    const made = await sight.loader.made(hit.position);
    if (made?.layer === ghostId) return made;
  }
  return null;
}

/** Notes who had written what was seen. */
async function collectWriters(
  sight: Sight,
  layers: readonly Layer[],
  { path }: SeenAt,
  readerPosition: number,
  found: Set<number>,
): Promise<void> {
  for await (const position of sight.writersOf(layers, path)) {
    if (position >= readerPosition) continue;
    const writer = await sight.loader.made(position);
    if (writer !== null) found.add((await sight.stories.resolve(writer)).made.position);
  }
}

/**
 * What a read has shown. The rules:
 *
 * - A view is a pile of layers: a ghost up to one of its diffs, the ghosts around it, and at the bottom the trunk at a revision.
 * - A read of a node shows the last publish that put, removed or copied something there, and all that added to it since; a read
 *   of a subtree shows that of every node in it; a read that found nothing shows who removed it.
 * - What was written in an upper layer hides what lies below. What a ghost had dropped by a return to a checkpoint is not in
 *   views of diffs that came later.
 * - A removal counts where there was nothing to be removed, too: its author said that there is nothing.
 * - Nobody has read what came later in the journal, whatever a basis claims.
 */
import type { BasisEntry } from '../state/command.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { from } from './entries.ts';
import { keysDownTo, pathKey, undoneKey } from './key.ts';
import type { Key } from './key.ts';
import type { Loader } from './loader.ts';
import type { Made } from './made.ts';
import type { IndexReader } from './reader.ts';
import { droppedBefore } from './stories.ts';
import type { Stories } from './stories.ts';

/** A layer of a view, up to a revision or diff. */
export interface Layer {
  /** The ghost; empty for the trunk. */
  readonly name: string;
  readonly at: number;
}

/** Something that was written. */
export interface Write {
  readonly layer: string;
  readonly at: number;
  readonly position: number;
  readonly path: Path;
  /** It reaches all below the path too. */
  readonly replaces: boolean;
}

/** First writes over something that are remembered at a time. */
const endsMax = 20_000;
/** Paths of one publish that are looked after. */
const standingLooksMax = 1_000;

export class Sight {
  readonly reader: IndexReader;
  readonly loader: Loader;
  readonly stories: Stories;
  /** When something on the trunk was written over first. */
  readonly #ends = new Map<string, number>();

  constructor(reader: IndexReader, loader: Loader, stories: Stories) {
    this.reader = reader;
    this.loader = loader;
    this.stories = stories;
  }

  /** The layers that a read looked through, the uppermost first. */
  async layersOf({ revision, ghostId = '', sequence = 0 }: BasisEntry): Promise<Layer[]> {
    const layers: Layer[] = [];
    let base = revision;
    let at = sequence;
    for (let name = ghostId; name !== '';) {
      layers.push({ name, at });
      const story = await this.stories.of(name);
      if (story === null) break;
      base = story.baseRevision;
      at = story.firstSequence;
      name = story.parentId;
    }
    return [...layers, { name: '', at: base }];
  }

  /** Whether a read, made by the publish at `position`, has shown what was written. */
  async sees(read: BasisEntry, position: number, write: Write): Promise<boolean> {
    const target = shownBy(read, write);
    if (target === null || write.position >= position) return false;
    const layers = await this.layersOf(read);
    const index = layers.findIndex(({ name }) => name === write.layer);
    const own = layers[index];
    if (own === undefined || write.at > own.at) return false;
    if (own.name !== '') {
      const story = await this.stories.of(own.name);
      if (droppedBefore(story, write.at, write.position, own.at)) return false;
    }
    for (const upper of layers.slice(0, index)) if (await this.#isHidden(upper, target, -1)) return false;
    return !(await this.#isHidden(own, target, write.at));
  }

  /**
   * When, after `at`, somebody wrote over a node of the trunk, or over all of a subtree; `Infinity` if nobody has.
   */
  async endOnTrunk(path: Path, whole: boolean, at: number): Promise<number> {
    const name = `${at} ${whole} ${formatPath(path)}`;
    const known = this.#ends.get(name);
    if (known !== undefined) return known;
    let end = Infinity;
    for (const [key, kind, depth] of overwriting('', path, whole)) {
      for await (const hit of this.reader.hits(key, { at, position: Infinity }, end)) {
        if (!(await this.#did(hit.position, '', path.slice(0, depth), kind))) continue;
        end = Math.min(end, hit.at);
        break;
      }
    }
    if (this.#ends.size >= endsMax) this.#ends.clear();
    this.#ends.set(name, end);
    return end;
  }

  /** Paths of what a publish wrote that nobody has written over since, at most so many, of the first thousand that it wrote. */
  async standingPaths(made: Made, limit: number): Promise<Path[]> {
    const standing = new Map<string, Path>();
    let looked = 0;
    for (const { path, kind } of made.parts.flatMap(({ marks }) => marks)) {
      if (standing.size >= limit || looked >= standingLooksMax) break;
      looked += 1;
      const target = { path, whole: kind === 'replaced' };
      const layer = { name: made.layer, at: Infinity };
      if (!(await this.#isHidden(layer, target, made.at))) standing.set(formatPath(path), path);
    }
    return [...standing.values()];
  }

  /** Whether a trunk revision was taken back, as far as what took it back is known. */
  async isUndone(revision: number): Promise<boolean> {
    for await (const { position } of this.reader.hits(undoneKey(revision), from(0), Infinity))
      if ((await this.loader.made(position))?.undoneRevisions.includes(revision) === true) return true;
    return false;
  }

  /** The write that a node's value in a layer began with, and what was added to it since. Latest first. */
  async *writersOf(layers: readonly Layer[], path: Path): AsyncGenerator<number> {
    for (const layer of layers) {
      const begun = await this.#lastAssigned(layer, path);
      const key = pathKey('added', layer.name, path);
      const after = { at: begun?.at ?? -1, position: Infinity };
      for await (const { at, position } of this.reader.hitsBackwards(key, layer.at)) {
        if (at <= after.at) break;
        if (await this.#counts(layer, at, position, path, 'added')) yield position;
      }
      if (begun === null) continue;
      yield begun.position;
      return;
    }
  }

  async #lastAssigned(layer: Layer, path: Path): Promise<{ at: number; position: number } | null> {
    let last: { at: number; position: number } | null = null;
    for (const [key, kind, depth] of overwriting(layer.name, path, false)) {
      for await (const hit of this.reader.hitsBackwards(key, layer.at)) {
        if (last !== null && hit.at <= last.at) break;
        if (!(await this.#counts(layer, hit.at, hit.position, path.slice(0, depth), kind))) continue;
        last = hit;
        break;
      }
    }
    return last;
  }

  /** Whether a layer has written over a target after `at`. */
  async #isHidden(layer: Layer, { path, whole }: Target, at: number): Promise<boolean> {
    if (layer.name === '') {
      const end = await this.endOnTrunk(path, whole, at);
      return end !== Infinity && end <= layer.at;
    }
    for (const [key, kind, depth] of overwriting(layer.name, path, whole)) {
      for await (const hit of this.reader.hits(
        key,
        at < 0 ? from(0) : { at, position: Infinity },
        layer.at,
      )) {
        if (await this.#counts(layer, hit.at, hit.position, path.slice(0, depth), kind)) return true;
      }
    }
    return false;
  }

  /** Whether what the index says was so, and is in the view of a layer. */
  async #counts(layer: Layer, at: number, position: number, path: Path, kind: MarkKind): Promise<boolean> {
    if (!(await this.#did(position, layer.name, path, kind))) return false;
    if (layer.name === '') return true;
    return !droppedBefore(await this.stories.of(layer.name), at, position, layer.at);
  }

  /** Whether the publish at a position did that: keys of different paths may be the same. */
  async #did(position: number, layer: string, path: Path, kind: MarkKind): Promise<boolean> {
    const made = await this.loader.made(position);
    if (made === null || made.layer !== layer) return false;
    return made.parts.some(({ marks }) =>
      marks.some((mark) => mark.kind === kind && samePath(mark.path, path)),
    );
  }
}

type MarkKind = 'assigned' | 'replaced' | 'added';

/** What a read has shown of a write: a node, or a whole subtree. */
interface Target {
  readonly path: Path;
  readonly whole: boolean;
}

/** What a read would have shown of a write if nobody had written over it; `null` where it looked elsewhere. */
function shownBy({ path, extent }: BasisEntry, write: Write): Target | null {
  if (extent !== 'subtree') {
    const isSame = path.length === write.path.length;
    const isShown = write.replaces ? isWithin(path, write.path) : isSame && isWithin(path, write.path);
    return isShown ? { path, whole: false } : null;
  }
  if (isWithin(write.path, path)) return { path: write.path, whole: write.replaces };
  return write.replaces && isWithin(path, write.path) ? { path, whole: true } : null;
}

/** Keys of what writes over a node, or over a whole subtree, with the kind and the depth of the path that each is about. */
function overwriting(layer: string, path: Path, whole: boolean): [Key, MarkKind, number][] {
  const found = keysDownTo('replaced', layer, path).map((key, depth): [Key, MarkKind, number] => [
    key,
    'replaced',
    depth,
  ]);
  if (!whole) found.push([pathKey('assigned', layer, path), 'assigned', path.length]);
  return found;
}

function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && isWithin(one, other);
}

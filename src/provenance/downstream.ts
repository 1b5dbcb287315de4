/**
 * Who has used what was written: a walk from a publish to those that had read what it wrote, and on from them, nearest first.
 * What was dropped with its ghost is not told, but gone through: who had read it while it was there is derived all the same.
 */
import { traceLinksMax, traceReachMax, traceStepWork } from '../base/limits.ts';
import type { BasisEntry } from '../state/command.ts';
import { reject } from '../state/outcome.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { from } from './entries.ts';
import { ghostKey, keysDownTo, pathKey } from './key.ts';
import type { Made } from './made.ts';
import { pause, TraceRefused } from './pause.ts';
import type { Pause } from './pause.ts';
import type { Sight, Write } from './sight.ts';

/** A publish that had read what another one wrote. */
export interface Derived {
  readonly made: Made;
  /** It was staged in a ghost that lives. */
  readonly isLive: boolean;
  /** How many publishes away it is. */
  readonly hops: number;
  /** Through what; the first {@link traceLinksMax}. */
  readonly links: readonly Link[];
}

/** What connects two publishes. */
export interface Link {
  readonly read: BasisEntry;
  readonly writer: Made;
}

export interface DownstreamOptions {
  readonly hops: number;
  /** Counts what the first publish wrote here or below, or what reaches it; empty for all. */
  readonly within: Path;
  /** Tells a diff in a live ghost once more for each number of hops at which it had read something. Default: for the first alone. */
  readonly tellsAgain?: boolean;
}

/** Found in one round. */
interface Found {
  readonly made: Made;
  readonly fate: 'trunk' | 'live' | 'dropped';
  readonly links: Link[];
}

/** Walks from `start`, which must be resolved; pauses come whenever much was looked at. */
export async function* downstream(
  sight: Sight,
  start: Made,
  { hops, within, tellsAgain = false }: DownstreamOptions,
): AsyncGenerator<Derived | Pause> {
  const seen = new Set<number>([start.position]);
  let writers = [start.position];
  for (let hop = 1; hop <= hops && writers.length > 0; hop += 1) {
    const found = new Map<number, Found>();
    for (const position of writers) {
      const writer = await sight.loader.made(position);
      if (writer === null) continue;
      const isTold = (reader: Found): boolean =>
        seen.has(reader.made.position) && !(tellsAgain && reader.fate === 'live');
      for await (const reader of readersOf(sight, writer, hop === 1 ? within : [], isTold)) {
        if (reader === null) yield pause;
        else note(found, reader);
      }
    }
    const readers = [...found.values()].sort((a, b) => a.made.position - b.made.position);
    writers = readers.flatMap(({ made: { position } }) => (seen.has(position) ? [] : [position]));
    if (seen.size + writers.length > traceReachMax) throw tooFar();
    for (const position of writers) seen.add(position);
    for (const { made, fate, links } of readers)
      if (fate !== 'dropped') yield { made, isLive: fate === 'live', hops: hop, links };
  }
}

function note(found: Map<number, Found>, reader: Found): void {
  const known = found.get(reader.made.position);
  if (known === undefined) found.set(reader.made.position, reader);
  else known.links.push(...reader.links.slice(0, traceLinksMax - known.links.length));
}

/** Publishes that have read what one wrote, one after the other, some several times; `null` where it is time for a pause. */
async function* readersOf(
  sight: Sight,
  writer: Made,
  within: Path,
  isTold: (reader: Found) => boolean,
): AsyncGenerator<Found | null> {
  const isOwn = await ownPositions(sight, writer);
  let paused = sight.reader.work;
  for (const write of writesOf(writer, within)) {
    for await (const [candidate, seenWrite] of candidatesOf(sight, writer, write, isOwn)) {
      if (sight.reader.work > paused + traceStepWork) {
        paused = sight.reader.work;
        yield null;
      }
      const loaded = await sight.loader.made(candidate);
      sight.reader.work += 8;
      if (loaded === null) continue;
      const { made, fate } = await sight.stories.resolve(loaded);
      if (isTold({ made, fate, links: [] })) continue;
      const links = await linksBetween(sight, loaded, seenWrite, writer);
      if (links.length > 0) yield { made, fate, links };
    }
  }
}

/** What a publish wrote, each path once: the farthest that it reached. */
function writesOf({ layer, at, position, parts }: Made, within: Path): Write[] {
  const writes = new Map<string, Write>();
  for (const { marks } of parts) {
    for (const { path, kind } of marks) {
      const replaces = kind === 'replaced';
      if (!isWithin(path, within) && !(replaces && isWithin(within, path))) continue;
      const name = `${replaces} ${formatPath(path)}`;
      if (!writes.has(name)) writes.set(name, { layer, at, position, path, replaces });
    }
  }
  return [...writes.values()];
}

/** Positions that a publish is made of: its own, and those of the diffs that it committed. */
async function ownPositions(sight: Sight, { position, committedGhostId }: Made): Promise<Set<number>> {
  const own = new Set([position]);
  const collect = async (ghostId: string): Promise<void> => {
    for await (const hit of sight.reader.hits(ghostKey('diff', ghostId), from(0), Infinity))
      own.add(hit.position);
    for (const child of await childrenOf(sight, ghostId, 0))
      if ((await sight.stories.of(child.id))?.end?.kind === 'committed') await collect(child.id);
  };
  if (committedGhostId !== '') await collect(committedGhostId);
  return own;
}

/** Publishes that may have read what was written, each with the write as it stood where they read it. */
async function* candidatesOf(
  sight: Sight,
  writer: Made,
  write: Write,
  isOwn: ReadonlySet<number>,
): AsyncGenerator<[number, Write]> {
  const asked = new Set<number>();
  for await (const candidate of readersIn(sight, write)) {
    if (isOwn.has(candidate) || asked.has(candidate)) continue;
    asked.add(candidate);
    yield [candidate, write];
  }
  if (writer.committedGhostId === '') return;
  // Others may have read it in the ghost, before it was committed.
  for await (const staged of stagedWrites(sight, writer.committedGhostId, write, isOwn)) {
    for await (const candidate of readersIn(sight, staged)) {
      if (!isOwn.has(candidate)) yield [candidate, staged];
    }
  }
}

/** The same write as it was staged, in the ghost that was committed and in those that were committed into it. */
async function* stagedWrites(
  sight: Sight,
  ghostId: string,
  { path, replaces }: Write,
  isOwn: ReadonlySet<number>,
): AsyncGenerator<Write> {
  for (const kind of replaces ? (['replaced'] as const) : (['assigned', 'added'] as const)) {
    for await (const { at, position } of sight.reader.hits(pathKey(kind, ghostId, path), from(0), Infinity)) {
      if (!isOwn.has(position)) continue;
      const fate = await sight.stories.fateOf(ghostId, at, position);
      if (fate.kind === 'committed') yield { layer: ghostId, at, position, path, replaces };
    }
  }
  for (const child of await childrenOf(sight, ghostId, 0)) {
    const story = await sight.stories.of(child.id);
    if (story?.end?.kind === 'committed' && isOwn.has(story.end.position))
      yield* stagedWrites(sight, child.id, { layer: '', at: 0, position: 0, path, replaces }, isOwn);
  }
}

/** Positions of publishes that may have read what was written in a layer, or through it in the ghosts inside. */
async function* readersIn(sight: Sight, write: Write): AsyncGenerator<number> {
  const { layer, path, replaces, at } = write;
  const isTrunk = layer === '';
  // On the trunk it is known when it was written over, and reads after that need no look.
  const until = isTrunk ? (await sight.endOnTrunk(path, replaces, at)) - 1 : Infinity;
  yield* readsAt(sight, layer, path, replaces, at, until);
  if (isTrunk) return;
  for (const child of await childrenOf(sight, layer, at))
    yield* readersIn(sight, { ...write, layer: child.id, at: 0 });
}

async function* readsAt(
  sight: Sight,
  layer: string,
  path: Path,
  replaces: boolean,
  at: number,
  until: number,
): AsyncGenerator<number> {
  const { reader } = sight;
  for await (const { position } of reader.hits(pathKey('read', layer, path), from(at), until)) yield position;
  for (const key of keysDownTo('read_subtree', layer, path))
    for await (const { position } of reader.hits(key, from(at), until)) yield position;
  if (!replaces) return;
  const below = pathKey('read_below', layer, path);
  for await (const { position } of reader.hits(below, from(at), Infinity)) yield position;
}

interface Child {
  readonly id: string;
}

/** Ghosts that were begun in another one when its newest diff was `at` or a later one. */
async function childrenOf(sight: Sight, ghostId: string, at: number): Promise<Child[]> {
  const children: Child[] = [];
  for await (const { position } of sight.reader.hits(ghostKey('child', ghostId), from(at), Infinity)) {
    const command = (await sight.loader.load(position))?.recorded.proposal.command;
    if (command?.kind === 'begin_ghost' && command.parentId === ghostId)
      children.push({ id: command.ghostId });
  }
  return children;
}

async function linksBetween(sight: Sight, reader: Made, write: Write, writer: Made): Promise<Link[]> {
  const links: Link[] = [];
  for (const { reads } of reader.parts) {
    for (const read of reads) {
      if (links.length >= traceLinksMax) return links;
      if (await sight.sees(read, reader.position, write)) links.push({ read, writer });
    }
  }
  return links;
}

function tooFar(): TraceRefused {
  const message = `more than ${traceReachMax} publishes are derived from it; ask for fewer hops, or for one path`;
  return new TraceRefused(
    reject('LIMIT_EXCEEDED', message, { limit: 'traceReachMax', maximum: traceReachMax }),
  );
}

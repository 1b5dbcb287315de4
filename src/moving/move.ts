/**
 * Moves a forest from one place to another while no broker works on it:
 *
 *   all of it is copied to where no broker sees it, and compared … it is set aside where it was … it is a forest where it went to
 *
 * So it is never served at two places. Whatever ends a move leaves it whole where it was; one that was set aside already is moved by the next run, which
 * begins anew.
 */
import { UsageError, Stopped } from '../cli/failure.ts';
import type { Destination } from './destination.ts';
import { FolderDestination } from './folder-destination.ts';
import { FolderSource } from './folder-source.ts';
import type { OnBytes } from './leaving.ts';
import { placeName, placeOf, type Place } from './place.ts';
import type { Source } from './source.ts';
import { StreamsDestination, type StreamsDestinationOptions } from './streams-destination.ts';
import { StreamsSource } from './streams-source.ts';

export interface Move {
  readonly forest: string;
  /** Data folders or addresses of NATS. */
  readonly from: string;
  readonly to: string;
  /** Whether nothing is kept of it where it was. Only by the run that brings it: a later one cannot tell whether what it finds is this forest. */
  readonly removesSource: boolean;
  /** How long brokers that were just stopped may take to go, in milliseconds. */
  readonly leftMsMax: number;
  readonly onBytes: OnBytes;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
  /** Nothing was kept of it where it was. */
  readonly removed: boolean;
  /** `null`: an earlier run had moved it, or something else of its name is there; this one has changed nothing. */
  readonly reached: {
    readonly position: number;
    readonly revision: number;
    readonly stateHash: string;
    /** Its oldest entry. */
    readonly firstPosition: number;
  } | null;
}

/** Throws {@link Stopped} where it cannot be moved, and `JournalDamage` or `CodecDamage` where it is not whole. */
export async function moveForest({
  forest,
  from,
  to,
  removesSource,
  leftMsMax,
  onBytes,
}: Move): Promise<Moved> {
  const [fromPlace, toPlace] = [placeOf(from), placeOf(to)];
  const names = { from: placeName(fromPlace), to: placeName(toPlace) };
  if (names.from === names.to) throw new UsageError(`${names.to} is where it is already`);
  const source = await openSource(fromPlace, forest, leftMsMax);
  try {
    const { movedTo } = source;
    if (movedTo !== null && movedTo !== names.to)
      throw new Stopped('not_found', `the forest ${forest} was moved to ${movedTo}: move it from there`);
    const destination = await openDestination(toPlace, { forest, from: names.from, leftMsMax });
    try {
      const hasForest = await destination.hasForest();
      if (hasForest && movedTo === null)
        throw new Stopped('conflict', `${names.to} has a forest ${forest} already: delete it there first`);
      const reached = hasForest ? null : await bring(source, destination, names.to, onBytes);
      const removed = removesSource && reached !== null;
      if (removed) await source.remove();
      return { ...names, removed, reached };
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

async function bring(
  source: Source,
  destination: Destination,
  to: string,
  onBytes: OnBytes,
): Promise<NonNullable<Moved['reached']>> {
  const leaving = await source.read(onBytes);
  const { journal, state, stateHash } = leaving;
  const { firstPosition } = journal;
  let isAside = false;
  const setAside = async (): Promise<void> => {
    await source.setAside(to);
    isAside = true;
  };
  try {
    await destination.take(leaving, setAside, onBytes);
  } catch (error) {
    // It was refused, and is not there. Of anything else nobody knows, and the next run finds out.
    if (isAside && error instanceof Stopped) await source.putBack();
    throw error;
  }
  return { position: state.position, revision: state.revision, stateHash, firstPosition };
}

function openSource(place: Place, forest: string, leftMsMax: number): Promise<Source> {
  return place.kind === 'folder'
    ? FolderSource.open(place.path, forest)
    : StreamsSource.open(place, forest, leftMsMax);
}

function openDestination(place: Place, options: StreamsDestinationOptions): Promise<Destination> {
  return place.kind === 'folder'
    ? FolderDestination.open(place.path, options.forest)
    : StreamsDestination.open(place, options);
}

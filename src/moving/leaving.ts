/** A forest that leaves its place: its journal, which nobody adds to, and where that leads. */
import { systemClock } from '../base/clock.ts';
import { resultInSlices } from '../base/slices.ts';
import { Stopped } from '../cli/failure.ts';
import type { Journal, JournalBase } from '../journal/journal.ts';
import { newestRetained } from '../provenance/retained.ts';
import type { SideFile } from '../journal/side-files.ts';
import { releasable } from '../sequencer/agreed/history-release.ts';
import { History } from '../sequencer/history.ts';
import { recover } from '../sequencer/recovery.ts';
import type { ForestState } from '../state/forest.ts';
import { forestHashSteps } from '../state/state-hash.ts';

export interface Leaving {
  readonly journal: Journal;
  readonly state: ForestState;
  readonly stateHash: string;
  /** What its history begins with; `null`: the first entry. */
  readonly base: JournalBase | null;
}

/** Told of how many bytes more were read or written. */
export type OnBytes = (bytes: number) => void;

/** Reads a journal. Throws `JournalDamage` or `CodecDamage` where it is not whole. */
export async function leavingWith(journal: Journal): Promise<Leaving> {
  const history = new History(journal, systemClock);
  const { state } = await recover(journal, history);
  const stateHash = await hashOf(state);
  return { journal, state, stateHash, base: await baseOf(journal, history) };
}

/** The hash of the state that a journal leads to. */
export async function hashBehind(journal: Journal): Promise<string> {
  const { state } = await recover(journal, new History(journal, systemClock));
  return hashOf(state);
}

/** What a compaction has kept of history, and its name; `null` where nothing is. The file is the caller's to close. */
export async function openRetained({
  beside,
}: Journal): Promise<{ readonly name: string; readonly file: SideFile } | null> {
  const name = await newestRetained(beside);
  const file = name === undefined ? undefined : await beside.open(name);
  return name === undefined || file === undefined ? null : { name, file };
}

/** The bytes of a file, in pieces. */
export async function* piecesOf(file: SideFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.bytes; at += pieceBytes) yield await file.read(at, pieceBytes);
}

const pieceBytes = 256 * 1024;

function hashOf(state: ForestState): Promise<string> {
  return resultInSlices(forestHashSteps(state), systemClock);
}

/** Only the oldest snapshot comes along, so each later state must follow from that one. */
async function baseOf(journal: Journal, history: History): Promise<JournalBase | null> {
  const [oldest] = journal.snapshots();
  if (oldest === undefined || (journal.firstPosition === 1 && oldest.position > 0)) return null;
  const { position } = oldest;
  if (position > 0 && (await releasable(journal, history, position)) !== position)
    throw new Stopped(
      'state',
      'history was given up that something behind the oldest snapshot was copied from: start a broker, compact the forest ("hyperloom compact"), and move it then',
    );
  return { position, chunks: journal.readSnapshot(position) };
}

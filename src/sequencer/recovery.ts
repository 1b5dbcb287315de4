/** Bringing a forest's state back: the newest snapshot, and everything that the journal holds behind it. */
import type { Slices } from '../base/slices.ts';
import { decodeRecord } from '../codec/record.ts';
import { JournalDamage } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { apply } from '../state/apply.ts';
import { recordedJudge } from '../state/schemas/judge.ts';
import { operationsOf, revisionsNeeded } from '../state/reach.ts';
import { emptyForest } from '../state/forest.ts';
import type { Applied, Effects, ForestState } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { LockChange } from '../state/locks/lock.ts';
import type { History } from './history.ts';
import { loadSnapshot } from './snapshots.ts';

/** A forest as it was left. */
export interface Recovered {
  readonly state: ForestState;
  /** Bytes of the journal behind the newest snapshot: what the next start has to replay again. */
  readonly replayedBytes: number;
}

/** The state after the journal's last entry. Throws {@link JournalDamage} where a replay does not give what was recorded. */
export async function recover(journal: Journal, history: History): Promise<Recovered> {
  const newest = journal.snapshots().at(-1);
  const state = newest === undefined ? emptyForest() : await loadSnapshot(journal, newest.position);
  history.remember(state.revision, state.root, 0);
  return { state, replayedBytes: await replay(state, journal, history, journal.lastPosition) };
}

/**
 * Applies to a state, which `history` knows the root of, the entries behind it, up to a position. Returns their bytes. Throws
 * {@link JournalDamage} where that does not give what was recorded. With `slices` everything else goes on meanwhile.
 */
export async function replay(
  state: ForestState,
  journal: Journal,
  history: History,
  to: number,
  onReplayed: (entries: number) => void = () => undefined,
  slices: Slices | null = null,
): Promise<number> {
  let bytes = 0;
  for await (const batch of journal.read(state.position + 1, to)) {
    for (const { position, payload } of batch) {
      if (slices?.isOver === true) await slices.pause();
      bytes += payload.length;
      const { proposal, effects } = decodeRecord(payload, position);
      const roots = new Map<number, Root>();
      for (const revision of revisionsNeeded(state, proposal.command)) {
        if (revision > state.revision || revision < state.compactedRevision) continue;
        roots.set(revision, revision === state.revision ? state.root : await history.rootAt(revision));
      }
      const past = (revision: number): Root => roots.get(revision) ?? notLoaded(revision);
      const applied = apply(state, proposal, past, recordedJudge(effects.refusal));
      if (!isSame(applied, effects)) {
        throw new JournalDamage(
          `the entry at position ${position} does not do today what it did when it was recorded; the journal was changed, or ` +
            `was written by a broker of another version`,
        );
      }
      if (effects.revision !== 0) {
        history.remember(state.revision, state.root, operationsOf(proposal.command, effects));
      }
    }
    onReplayed(batch.length);
  }
  return bytes;
}

function isSame(applied: Applied, effects: Effects): boolean {
  return (
    applied.recorded &&
    applied.effects.revision === effects.revision &&
    applied.effects.sequence === effects.sequence &&
    applied.effects.rejected === effects.rejected &&
    applied.effects.commitPending === effects.commitPending &&
    applied.effects.endedGhostIds.length === effects.endedGhostIds.length &&
    sameChanges(applied.effects.lockChanges, effects.lockChanges)
  );
}

function sameChanges(some: readonly LockChange[], others: readonly LockChange[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ lockId, kind, fencingToken }, index) => {
      const other = others[index];
      return other?.lockId === lockId && other.kind === kind && other.fencingToken === fencingToken;
    })
  );
}

function notLoaded(revision: number): never {
  throw new JournalDamage(`the root of revision ${revision} is needed and cannot be had`);
}

/** State hashes of a forest as its journal was written, entry by entry: from the beginning, and from each snapshot. */
import { systemClock } from '../../src/base/clock.ts';
import { CodecDamage } from '../../src/codec/damage.ts';
import { decodeRecord } from '../../src/codec/record.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { History } from '../../src/sequencer/history.ts';
import { loadSnapshot } from '../../src/sequencer/snapshots.ts';
import { apply } from '../../src/state/apply.ts';
import { recordedJudge } from '../../src/state/schemas/judge.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { ForestState } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { operationsOf, revisionsNeeded } from '../../src/state/reach.ts';
import { forestHash } from '../../src/state/state-hash.ts';

/** Where a replay can begin: before the first entry where that is still there, and at each snapshot. */
export function beginnings(journal: Journal): number[] {
  const snapshots = journal.snapshots().map(({ position }) => position);
  return journal.firstPosition === 1 ? [...new Set([0, ...snapshots])] : snapshots;
}

/** The state hash after each of `positions`, and after the last entry; those before the beginning are left out. */
export async function hashesFrom(
  journal: Journal,
  beginning: number,
  positions: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const history = new History(journal, systemClock);
  // A restored forest has a snapshot before its first entry.
  const isSnapshot = journal.snapshots().some(({ position }) => position === beginning);
  const state = isSnapshot ? await loadSnapshot(journal, beginning) : emptyForest();
  history.remember(state.revision, state.root, 0);
  const hashes = new Map<number, string>();
  const note = (): void => {
    const { position } = state;
    if (positions.has(position) || position === journal.lastPosition) hashes.set(position, forestHash(state));
  };
  note();
  for await (const batch of journal.read(state.position + 1, journal.lastPosition)) {
    for (const { position, payload } of batch) {
      await applyNext(state, history, payload, position);
      note();
    }
  }
  return hashes;
}

async function applyNext(
  state: ForestState,
  history: History,
  payload: Uint8Array,
  position: number,
): Promise<void> {
  const { proposal, effects } = decodeRecord(payload, position);
  const roots = new Map<number, Root>();
  for (const revision of revisionsNeeded(state, proposal.command)) {
    if (revision > state.revision || revision < state.compactedRevision) continue;
    roots.set(revision, revision === state.revision ? state.root : await history.rootAt(revision));
  }
  const past = (revision: number): Root => {
    const root = roots.get(revision);
    if (root === undefined) throw new CodecDamage(`no root of revision ${revision}`);
    return root;
  };
  const applied = apply(state, proposal, past, recordedJudge(effects.refusal));
  if (applied.effects.revision !== effects.revision || applied.effects.rejected !== effects.rejected)
    throw new CodecDamage(`the entry at position ${position} does not do what it did`);
  if (effects.revision !== 0)
    history.remember(state.revision, state.root, operationsOf(proposal.command, effects));
}

/** Giving up a forest's history: decided in the journal, then on the disk. */
import { AssertionError } from '../base/assert.ts';
import { CodecDamage } from '../codec/damage.ts';
import { JournalDamage } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { Command, RequestKey } from '../state/command.ts';
import type { ForestState } from '../state/forest.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { Compacted, Settled } from './forest.ts';
import type { History } from './history.ts';
import type { RetainedHistory } from './retained-history.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';

/** The parts of a forest that a compaction goes through. */
export interface CompactedParts {
  readonly journal: Journal;
  readonly history: History;
  readonly state: ForestState;
  readonly retained: RetainedHistory;
  readonly snapshots: SnapshotWriter;
  readonly provenance: Provenance;
  readonly propose: (command: Command) => Promise<Settled>;
}

/** Compactions happen one at a time: what one releases, the next must not count on. */
export class Compactions {
  #last: Promise<unknown> | null = null;

  next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last === null ? work() : this.#last.then(work);
    const over = done
      .catch(() => undefined)
      .finally(() => {
        if (this.#last === over) this.#last = null;
      });
    this.#last = over;
    return done;
  }
}

/** Gives up history below a revision. */
export async function giveUpHistory(
  { journal, history, state, retained, snapshots, provenance, propose }: CompactedParts,
  revision: number,
  request: RequestKey | null,
): Promise<Compacted | Rejection> {
  const command = { kind: 'compact', revision, author: '', request } as const;
  const { outcome, repeated } = await propose(command);
  if (outcome.kind === 'rejected') return outcome;
  const { compactedRevision } = state;
  // Held from now on: while the snapshot is written it may grow too old to be in memory, and making it anew takes as much again.
  const root = history.find(compactedRevision);
  await retained.findOldestPosition();
  const before = journal.storedBytes;
  // The snapshot holds that history was given up, so no replay from it on will ask for what is freed now. A repetition
  // goes through it again: what it repeats may have been cut short here.
  let isReleasing = false;
  try {
    await snapshots.write(() => {
      isReleasing = true;
      history.releases.begin(state.revision);
    });
    await provenance.retain(compactedRevision, retained.oldestPosition, root);
    await journal.releaseBefore(retained.oldestPosition);
  } catch (error) {
    // Damage is not what trying again mends: the broker must not go on with it.
    if (error instanceof AssertionError || error instanceof JournalDamage || error instanceof CodecDamage)
      throw error;
    const cause = error instanceof Error ? error.message : String(error);
    const message = `history is given up, but the disk did not let go of it: ${cause}. Compact again later`;
    return reject('JOURNAL_UNAVAILABLE', message, { cause });
  } finally {
    if (isReleasing) history.releases.end();
  }
  const freedBytes = Math.max(0, before - journal.storedBytes);
  return {
    compactedRevision: outcome.kind === 'compacted' ? outcome.revision : compactedRevision,
    freedBytes,
    repeated,
  };
}

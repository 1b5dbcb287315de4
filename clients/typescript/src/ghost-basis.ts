/**
 * What goes along with the diffs of one ghost: what its agent has read, each thing once. It is copied, not taken from the agent's record:
 * the ghost may be taken back, and the agent's other ghosts may stand on the same. What was read in those that this one neither
 * holds nor lies in does not count. A commit publishes what went along, so the agent's record forgets that.
 */
import { BasisRecord, type Basis, type BasisEntry, type Lineage } from './basis.ts';

export class GhostBasis implements Basis {
  readonly record: BasisRecord;
  readonly lineage: Lineage;
  /** What the agent had read when the ghost was begun: others may have published it since. */
  readonly #beginning: readonly BasisEntry[];
  /** Up to which of the record's notes this ghost's diffs have taken them along. */
  #cursor: number;
  /** What goes along beside newer notes. */
  #further: readonly BasisEntry[];
  /** The ghost's newest diff, as far as this process knows. */
  #sequence: number;
  #isCommitted = false;

  constructor(around: Basis, ghostId: string, sequence = 0) {
    this.record = around.record;
    this.lineage = [ghostId, ...around.lineage];
    this.#beginning = this.record.since(0, this.lineage);
    this.#cursor = this.record.stamp;
    this.#further = this.#beginning;
    this.#sequence = sequence;
  }

  note(entry: BasisEntry): void {
    const [ghostId = ''] = this.lineage;
    const sequence = Math.max(this.#sequence, entry.sequence ?? 0);
    this.record.note({ ...entry, ghostId, sequence }, this.lineage);
  }

  /** A diff was staged. */
  staged(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  take(): readonly BasisEntry[] {
    const newer = this.record.since(this.#cursor, this.lineage);
    const taken = this.#further.length === 0 ? newer : united(this.#further, newer);
    this.#further = [];
    this.#cursor = this.record.stamp;
    return taken;
  }

  giveBack(entries: readonly BasisEntry[]): void {
    this.#further = united(this.#further, entries);
  }

  clear(): void {
    this.#further = [];
    this.#cursor = this.record.stamp;
  }

  /** Diffs after this one were dropped: all that was read counts again. */
  rewound(sequence = 0): void {
    this.#sequence = sequence;
    this.#further = this.#beginning;
    this.#cursor = 0;
  }

  /** What went along has reached the trunk, or the ghost around this one. */
  committed(): void {
    this.#isCommitted = true;
    if (this.lineage.length === 1) this.record.forgetUntil(this.#cursor, this.lineage);
  }

  /** The ghost is over. */
  ended(): void {
    this.#further = [];
    this.record.release(this.lineage, !this.#isCommitted);
  }
}

/** Both, each thing once and at its newest, within the bound. */
function united(one: readonly BasisEntry[], other: readonly BasisEntry[]): readonly BasisEntry[] {
  const all = new BasisRecord();
  for (const entry of one) all.note(entry);
  all.giveBack(other);
  return all.take();
}

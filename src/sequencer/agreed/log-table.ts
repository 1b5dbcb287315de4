/**
 * What a replica must know of an agreed log beside the state, to leave out the same entries and commands as all others: which entry of each
 * replica came last, and when the owners of ghosts and leases were last heard of. It follows from the log alone.
 */
import { replicasRememberedMax } from '../../base/limits.ts';
import type { Command } from '../../state/command.ts';
import type { RestoredFrom } from '../../codec/agreed-entry.ts';
import type { LogTableContent } from '../../codec/shared-snapshot.ts';
import type { Applied, ForestState } from '../../state/forest.ts';
import { LogFormat } from './log-format.ts';
import { SnapshotMarks } from './snapshot-marks.ts';

export class LogTable {
  readonly #state: ForestState;
  /** Newest entry by replica, the replica that was heard of last behind. */
  readonly #numbers = new Map<string, number>();
  /** The sequence of the newest sign of life, by ghost or lease. */
  readonly #heard = new Map<string, number>();

  /** Which snapshots were marked and taken. */
  readonly marks: SnapshotMarks;
  /** Which format entries may have. */
  readonly format: LogFormat;
  /** What the forest began anew with; `null` where it was not restored into this log. */
  readonly restored: RestoredFrom | null;

  /** `content`: what it was at the place that `state` is of. */
  constructor(state: ForestState, content?: LogTableContent) {
    this.#state = state;
    for (const [replica, number] of content?.numbers ?? []) this.#numbers.set(replica, number);
    for (const [id, sequence] of content?.heard ?? []) this.#heard.set(id, sequence);
    this.marks = new SnapshotMarks(content);
    this.format = new LogFormat(content?.format);
    this.restored = content?.restored ?? null;
  }

  /** All of it, as it is now. */
  get content(): LogTableContent {
    const format = this.format.inForce;
    const { restored } = this;
    return { numbers: [...this.#numbers], heard: [...this.#heard], ...this.marks.content, format, restored };
  }

  /** What the log's table is where its forest begins anew: the snapshots so far were of nothing. */
  anew(restored: RestoredFrom): LogTableContent {
    return { ...this.content, openMark: null, taken: [], restored };
  }

  /** Notes an entry; false where it has come before. */
  take(replica: string, number: number): boolean {
    if (number <= (this.#numbers.get(replica) ?? 0)) return false;
    this.#numbers.delete(replica);
    this.#numbers.set(replica, number);
    if (this.#numbers.size > replicasRememberedMax) {
      const [oldest] = this.#numbers.keys();
      if (oldest !== undefined) this.#numbers.delete(oldest);
    }
    return true;
  }

  /** Notes a sign of life; false where there is nobody any more. */
  hear(id: string, sequence: number): boolean {
    if (!this.#isLive(id)) return false;
    this.#heard.set(id, sequence);
    if (this.#heard.size > 2 * (this.#state.ghosts.size + this.#state.leases.size) + 1_024)
      for (const known of this.#heard.keys()) if (!this.#isLive(known)) this.#heard.delete(known);
    return true;
  }

  /** What an owner does in its ghost is a sign of life; a reviewer's word is none. */
  onApplied(command: Command, { effects }: Applied, sequence: number): void {
    if (effects.rejected || command.kind === 'review_ghost') return;
    if ('ghostId' in command && command.ghostId !== '') this.hear(command.ghostId, sequence);
  }

  /** Whether a lifetime that was found to be over was not: its owner was heard of behind what was seen then. */
  isOutlived(command: Command, seenSequence: number): boolean {
    if (command.kind === 'expire_ghost') return (this.#heard.get(command.ghostId) ?? 0) > seenSequence;
    if (command.kind === 'expire_lease') return (this.#heard.get(command.leaseId) ?? 0) > seenSequence;
    return false;
  }

  #isLive(id: string): boolean {
    return this.#state.ghosts.has(id) || this.#state.leases.has(id);
  }
}

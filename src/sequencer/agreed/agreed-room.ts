/**
 * Whether a forest that brokers share has room for a command, by the bounds that go along with it. State and log decide, so all come to the same at the
 * command's place. Nothing of a refusal is remembered: who has made room tries again.
 */
import type { AgreedBounds, AgreedCommand } from '../../codec/agreed-entry.ts';
import type { Command, CommitGhost } from '../../state/command.ts';
import type { ForestState } from '../../state/forest.ts';
import { approvedCommit } from '../../state/ghosts/gates.ts';
import type { Rejection } from '../../state/outcome.ts';
import { beyondAgreed, beyondShared } from '../forest-quota.ts';
import { overtaken } from './log-refusals.ts';
import type { LogTable } from './log-table.ts';

/** What a command was worked out from; 0 where it holds for any. */
type WorkedOutFrom = Pick<AgreedCommand, 'atRevision' | 'atPosition'>;

const anywhere: WorkedOutFrom = { atRevision: 0, atPosition: 0 };

/** What it undoes is found by looking at all that is there, ghosts among it, and not only at what it changes. */
export function isWorkedOutFromAll(command: Command): boolean {
  return command.kind === 'revert_cascade' && !command.alone;
}

/** The commit of a ghost that is approved, and is waited for; `null` where there is none. */
export function commitOf({ ghosts }: ForestState, ghostId: string): CommitGhost | null {
  const ghost = ghosts.get(ghostId);
  return ghost === undefined ? null : approvedCommit(ghost);
}

export class AgreedRoom {
  readonly #state: ForestState;
  readonly #table: LogTable;

  constructor(state: ForestState, table: LogTable) {
    this.#state = state;
    this.#table = table;
  }

  /**
   * Why a command is left out at its place: it would take its forest or author too far, or was worked out from something else than is there now. `null`
   * where it is not. Nodes are counted while it is applied.
   */
  refusal(command: Command, bounds: AgreedBounds | null, from = anywhere): Rejection | null {
    const { revision, position } = this.#state;
    const { atRevision, atPosition } = from;
    const isThere = [0, revision].includes(atRevision) && [0, position].includes(atPosition);
    if (!isThere && !this.#isKnown(command)) return overtaken;
    const crowd = bounds === null ? null : beyondAgreed(this.#state, command, bounds);
    if (crowd !== null && !this.#isKnown(command)) return crowd;
    return this.lacksBytes(command, bounds, 0);
  }

  /** The same of bytes only, where the command takes `more` that the log does not have yet. */
  lacksBytes(command: Command, bounds: AgreedBounds | null, more: number): Rejection | null {
    if (bounds === null || bounds.bytes === Infinity) return null;
    const beyond = beyondShared(this.#table.marks.storedBytes + more, bounds, command);
    return beyond === null || this.#isKnown(command) ? null : beyond;
  }

  /** What was answered before is answered again, and writes nothing. */
  #isKnown({ request }: Command): boolean {
    return request !== null && this.#state.requests.find(request.id) !== undefined;
  }
}

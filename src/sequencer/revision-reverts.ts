/**
 * Reverts of one trunk revision: its inverse is worked out from history, and proposed. What was derived from it stays; but those who had read it
 * are told, and live ghosts that have are marked, as with a cascade.
 */
import { cascadeUndoneMax } from '../base/limits.ts';
import { TraceRefused } from '../provenance/pause.ts';
import type { Command, RevertCascade, RevertRevision } from '../state/command.ts';
import type { UndonePublish } from '../state/cascades/cascade-parts.ts';
import type { FencedCommand } from '../state/locks/fencing.ts';
import type { ForestState } from '../state/forest.ts';
import type { Change } from '../state/event.ts';
import type { Rejection } from '../state/outcome.ts';
import { affectedBy } from './cascade/affected.ts';
import type { Affected } from './cascade/affected.ts';
import type { DerivedFrom, DerivedPublish } from './cascade/derived.ts';
import type { RevisionRevert, Settled } from './settled.ts';
import type { History } from './history.ts';
import { inverseOf, noInverse } from './inverse.ts';
import type { Inverse } from './inverse.ts';
import type { Patience } from './patience.ts';
import { historyGivenUp } from './retained-history.ts';

type Told = Affected & Pick<RevertCascade, 'undone'>;

const nothingLeft = { notUndone: [], notUndoneTotal: 0 } as const;

export interface RevisionRevertsOptions {
  readonly state: ForestState;
  readonly history: History;
  readonly positionOf: (revision: number) => Promise<number | Rejection>;
  readonly derivedFrom: DerivedFrom;
  readonly submit: (command: Command, settle: (settled: Settled) => void) => void;
  /** As `submit`, for a write that waits for locks of others. */
  readonly write: (command: FencedCommand, patience: Patience, settle: (settled: Settled) => void) => void;
}

export class RevisionReverts {
  readonly #options: RevisionRevertsOptions;

  constructor(options: RevisionRevertsOptions) {
    this.#options = options;
  }

  /** Takes a revision back, unless others have built on it. */
  async revert(revert: RevisionRevert, patience: Patience | null): Promise<Settled> {
    const { state, history, positionOf } = this.#options;
    const { revision, request } = revert;
    const propose = (inverse: Inverse, told: Told | null = null): Promise<Settled> =>
      this.#propose(revert, inverse, patience, told);
    const { compactedRevision, requests } = state;
    // What was answered before is answered again, whether its history is still there or not.
    if (request !== null && requests.find(request.id) !== undefined) return propose(noInverse);
    const position = await positionOf(revision);
    const isTooOld = (revision === 0 || revision - 1 < compactedRevision) && revision !== 1;
    if (typeof position !== 'number' || isTooOld) {
      const refused = typeof position === 'number' ? historyGivenUp(state, revision - 1) : position;
      const isCertain = revision > state.revision || revision < compactedRevision;
      return isCertain && request !== null ? propose(noInverse) : { outcome: refused, repeated: false };
    }
    const [before, after] = [await history.rootAt(revision - 1), await history.rootAt(revision)];
    const changes: Change[] = [];
    let start: UndonePublish = { revision, hops: 0, author: '', label: '' };
    for await (const events of history.events(position - 1, position)) {
      for (const event of events) {
        if (event.revision !== revision) continue;
        changes.push(...event.changes);
        start = { ...start, author: event.author, label: event.label };
      }
    }
    const affected = await this.#affectedBy(revision);
    // Given up meanwhile: the walk may have missed what wrote over something, and so found too many.
    if (Math.max(1, revision - 1) < state.compactedRevision)
      return { outcome: historyGivenUp(state, revision - 1), repeated: false };
    return propose(inverseOf(revision, changes, before, after), { undone: [start], ...affected });
  }

  /** Who had read it, as far as that can be told. */
  async #affectedBy(revision: number): Promise<Affected> {
    const { state, derivedFrom } = this.#options;
    const derived: DerivedPublish[] = [];
    try {
      for await (const publish of derivedFrom(revision)) {
        // What was made from their work in turn stands on what stays.
        if (publish.hops > 1 || derived.length >= cascadeUndoneMax) break;
        derived.push(publish);
      }
    } catch (error) {
      if (!(error instanceof TraceRefused)) throw error;
    }
    return affectedBy(derived, (ghostId) => state.ghosts.get(ghostId)?.author);
  }

  #propose(
    revert: RevisionRevert,
    inverse: Inverse,
    patience: Patience | null,
    told: Told | null,
  ): Promise<Settled> {
    const { submit, write } = this.#options;
    const command: RevertRevision | RevertCascade =
      told === null || inverse.operations.length === 0 || told.agents.length + told.ghosts.length === 0
        ? { kind: 'revert_revision', ...revert, ...inverse }
        : { kind: 'revert_cascade', ...revert, ...inverse, ...told, ...nothingLeft, alone: true };
    return new Promise((resolve) => {
      if (patience === null) submit(command, resolve);
      else write(command, patience, resolve);
    });
  }
}

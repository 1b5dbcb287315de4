/** Taking back what is on the trunk: one revision, or that with all that was derived from it. */
import type { Provenance } from '../provenance/provenance.ts';
import type { Command } from '../state/command.ts';
import type { Applied } from '../state/forest.ts';
import { Cascades } from './cascade/cascades.ts';
import type { CascadeSettled, CascadesOptions } from './cascade/cascades.ts';
import { derivedBy } from './cascade/derived.ts';
import type { RevisionRevert, Settled } from './settled.ts';
import type { Patience } from './patience.ts';
import { RevisionReverts } from './revision-reverts.ts';

export interface RevertsOptions extends Omit<CascadesOptions, 'derivedFrom'> {
  readonly provenance: Provenance;
}

export class Reverts {
  readonly #revisions: RevisionReverts;
  readonly #cascades: Cascades;

  constructor({ provenance, ...options }: RevertsOptions) {
    const derivedFrom = derivedBy(provenance);
    this.#revisions = new RevisionReverts({ ...options, derivedFrom });
    this.#cascades = new Cascades({ ...options, derivedFrom });
  }

  /** In the tick in which a command was applied. */
  onApplied(command: Command, applied: Applied): void {
    this.#cascades.onApplied(command, applied);
  }

  /** Works out and proposes the inverse of a trunk revision. `patience` where it waits for locks. */
  revision(revert: RevisionRevert, patience: Patience | null): Promise<Settled> {
    return this.#revisions.revert(revert, patience);
  }

  /** The same with all that was derived from it. */
  cascade(revert: RevisionRevert, patience: Patience | null): Promise<CascadeSettled> {
    return this.#cascades.revert(revert, patience);
  }

  /** What {@link cascade} would do. Changes nothing. */
  report(revision: number): Promise<CascadeSettled> {
    return this.#cascades.report(revision);
  }
}

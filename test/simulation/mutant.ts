/** A mistake that the simulator must find. */
import type { FaultKind, Guarantee } from './guarantees.ts';
import type { Crowd } from './swarm.ts';

export interface Mutant {
  readonly name: string;
  /** What would be wrong, in a few words. */
  readonly what: string;
  /** Which guarantee is expected to break; several where the first seed decides. */
  readonly breaks: readonly Guarantee[];
  /** Crowds and faults that it takes to notice; CI adds them to its seeds, so that it needs few of them. */
  readonly meets: readonly (Crowd | FaultKind | 'flat')[];
  /** Source file, from the project's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

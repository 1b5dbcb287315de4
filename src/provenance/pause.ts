/** What comes between the answers of a walk. */
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';

/** Much was looked at since the last pause: whoever has enough for a page may go on later. */
export interface Pause {
  readonly kind: 'pause';
}

export const pause: Pause = { kind: 'pause' };

/** Why a walk ends that is under way when the broker stops. */
export const stopping = reject('NOT_SERVING', 'the broker stops: ask again');

/** A walk cannot be made. */
export class TraceRefused extends Error {
  override readonly name = 'TraceRefused';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.message);
    this.rejection = rejection;
  }
}

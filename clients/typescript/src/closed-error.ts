import { CancelledError } from './errors.ts';

/** The client was closed, by this program. */
export class ClosedError extends CancelledError {
  override readonly name = 'ClosedError';
}

/** What is thrown at who calls a client that was closed, or still waits for it. */
export function closedError(): ClosedError {
  return new ClosedError({
    code: 'CANCELLED',
    reason: '',
    message: 'the client is closed',
    metadata: {},
    violations: [],
    conflicts: [],
    conflictsTotal: 0,
    circle: [],
  });
}

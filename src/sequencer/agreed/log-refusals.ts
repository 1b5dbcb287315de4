/** Why a log takes nothing, or not this. */
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';

/** `isOpen`: what was asked for may take effect all the same. */
export function away(cause: string, isOpen: boolean): Rejection {
  const what = isOpen
    ? 'Whether this took effect is known when it is back: repeat it then with its request id'
    : 'This took no effect; repeat it';
  return reject('JOURNAL_UNAVAILABLE', `the journal is away: ${cause}. ${what}`, { cause });
}

export function tooLarge(bytes: number, maximum: number): Rejection {
  const message = `a command of ${bytes} bytes is more than NATS takes in one message (max_payload, ${maximum} here)`;
  return reject('LIMIT_EXCEEDED', message, { limit: 'max_payload', maximum, actual: bytes });
}

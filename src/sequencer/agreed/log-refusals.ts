/** Why a log takes nothing, or not this. */
import { pendingBytesMax } from '../../base/limits.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';

/** `isOpen`: what was asked for may take effect all the same. */
export function away(cause: string, isOpen: boolean): Rejection {
  const what = isOpen
    ? 'Whether this took effect is known when it is back: repeat it then with its request id'
    : 'This took no effect; repeat it';
  return reject('JOURNAL_UNAVAILABLE', `the journal is away: ${cause}. ${what}`, { cause });
}

/** Brokers that do not know a command yet share the log. Who repeats the request is answered once they are gone. */
export function notYetKnown(format: number, inForce: number): Rejection {
  const cause = `it has format ${inForce}, and this needs ${format}`;
  const message = `the log is shared with brokers of an older version, which do not know this: ${cause}. This took no effect; it is taken when these brokers are gone`;
  return reject('JOURNAL_UNAVAILABLE', message, { cause });
}

/** It was worked out from a trunk that was another one at its place: it took no effect, and is worked out anew. */
export const overtaken = reject('CONFLICT', 'the trunk has changed since this was worked out', {
  conflicts: 0,
});

/** The end of a lifetime whose owner has shown up behind the look that it follows from. */
export const outlived = reject('CONFLICT', 'the owner was heard of meanwhile');

/** `bytes` wait for the log. */
export function tooFarBehind(bytes: number, entryBytesMax: number): Rejection {
  return reject('QUOTA_EXCEEDED', `the log is ${bytes} bytes behind; try again`, {
    limit: 'pendingBytesMax',
    maximum: pendingBytesMax,
    entry_bytes: entryBytesMax,
  });
}

export function tooLarge(bytes: number, maximum: number): Rejection {
  const message = `a command of ${bytes} bytes is more than NATS takes in one message (max_payload, ${maximum} here)`;
  return reject('LIMIT_EXCEEDED', message, { limit: 'max_payload', maximum, actual: bytes });
}

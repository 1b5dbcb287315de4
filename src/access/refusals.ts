/** How somebody is told that the broker does not know them, or that they may not do what they ask for. */
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';

/** Credentials that are missing, wrong or over. Nothing was looked at beyond them. */
export class NotAdmitted extends Error {
  override readonly name = 'NotAdmitted';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.message);
    this.rejection = rejection;
  }
}

export function missingCredentials(): NotAdmitted {
  const message =
    'this broker wants to know who calls: send "authorization: Bearer TOKEN", or a client certificate that it knows';
  return new NotAdmitted(reject('CREDENTIALS_MISSING', message));
}

/** Says what is wrong without a word of what was sent. */
export function invalidCredentials(why: string): NotAdmitted {
  return new NotAdmitted(reject('CREDENTIALS_INVALID', `these credentials are not accepted: ${why}`));
}

export function expiredCredentials(what: string): NotAdmitted {
  return new NotAdmitted(reject('CREDENTIALS_EXPIRED', `${what} has expired; get a new one`));
}

/** Tokens that say who calls. */
import { makeError, type HyperloomError } from './errors.ts';

/** Tells the token of the moment, if there is one. */
export type TokenSource = () => string | undefined;

/** What tells the token that an option gives; an empty one is none. Throws a `TypeError` for what no header can hold. */
export function tokenSource(given: string | (() => string | undefined) | undefined): TokenSource {
  const ask = typeof given === 'function' ? given : () => given;
  if (typeof given === 'string') checked(given);
  return () => {
    const token = ask();
    return token === undefined || token === '' ? undefined : checked(token);
  };
}

/** The metadata of a call with its token. */
export function withToken(
  metadata: Readonly<Record<string, string>>,
  token: TokenSource,
): Readonly<Record<string, string>> {
  const now = token();
  return now === undefined ? metadata : { ...metadata, authorization: `Bearer ${now}` };
}

/**
 * What ended a stream that was under way. Where it is that its credentials are over, the next stream may go on: it shows the token of the
 * moment. If that one is no better, the broker says so at once.
 */
export function outlived(error: HyperloomError): HyperloomError {
  if (error.code !== 'UNAUTHENTICATED') return error;
  return makeError({ code: 'UNAVAILABLE', message: `the credentials ended: ${error.message}`, cause: error });
}

function checked(token: string): string {
  // The token itself is not told: messages end up in logs.
  if (token !== '' && !/^[\x21-\x7e]+$/.test(token))
    throw new TypeError('the token holds characters that no token has, such as a line break at its end');
  return token;
}

/** Tokens that say who calls. */

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

function checked(token: string): string {
  // The token itself is not told: messages end up in logs.
  if (token !== '' && !/^[\x21-\x7e]+$/.test(token))
    throw new TypeError('the token holds characters that no token has, such as a line break at its end');
  return token;
}

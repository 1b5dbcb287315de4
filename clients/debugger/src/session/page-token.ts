/**
 * The token of a reader, for brokers that ask who calls. It is typed into the page, or comes in the address's fragment, `/#token=hl_…`, which browsers send to nobody; it is taken
 * out of the address at once, and kept for as long as the tab is open.
 */

/** What of a browser's window it needs. */
export interface TokenFrame {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState' | 'state'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

const key = 'hyperloom-token';

/** Takes a token out of the address, if one is there; `undefined` where this tab has none. */
export function pageToken({ location, history, sessionStorage }: TokenFrame): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null && given !== '') {
    sessionStorage.setItem(key, given);
    history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  }
  return sessionStorage.getItem(key) ?? undefined;
}

/** Keeps a token that was typed in. */
export function keepToken(token: string, { sessionStorage }: Pick<TokenFrame, 'sessionStorage'>): void {
  sessionStorage.setItem(key, token);
}

/** Forgets one that is not taken. */
export function dropToken({ sessionStorage }: Pick<TokenFrame, 'sessionStorage'>): void {
  sessionStorage.removeItem(key);
}

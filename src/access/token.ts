/**
 * Bearer tokens of the broker's own: `hl_ID_SECRET`. The id names the token in lists and in the file; the secret has 256 bits of
 * chance, so that a plain SHA-256 of the whole is as good as any slow hash: there is nothing to guess.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../base/random.ts';

export const tokenPrefix = 'hl_';
const secretCharacters = 52;
const idCharacters = 10;
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A token as its file keeps it. */
export interface StoredToken {
  readonly id: string;
  readonly principal: string;
  readonly groups: readonly string[];
  /** SHA-256 of the whole token, in hexadecimal digits. */
  readonly hash: string;
  readonly label: string;
  readonly createdMs: number;
  /** `null`: it does not end by itself. */
  readonly expiresMs: number | null;
}

/** A new token: what its holder is told once, and its id. */
export function newToken(random: Random): { readonly id: string; readonly token: string } {
  const text = (length: number): string =>
    Array.from({ length }, () => alphabet.charAt(random.below(alphabet.length))).join('');
  const id = text(idCharacters);
  return { id, token: `${tokenPrefix}${id}_${text(secretCharacters)}` };
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

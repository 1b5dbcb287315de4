/**
 * The file of tokens, which only its owner can read. It holds no token, only what tells one when it is shown:
 *
 *     {"version": 1, "tokens": [{"id": "…", "principal": "planner", "groups": [], "hash": "…", "label": "", "created": "…", "expires": null}]}
 *
 * It is replaced whole by a rename, so a broker that reads it meanwhile gets the old one or the new one.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';
import { AccessFileError } from './access-file-error.ts';
import type { StoredToken } from './token.ts';

const fileMode = 0o600;

const moment = z.iso.datetime().transform((text) => Date.parse(text));
const stored = z.strictObject({
  id: z.string().min(1),
  principal: z.string().min(1),
  groups: z.array(z.string()).default([]),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'no SHA-256'),
  label: z.string().default(''),
  created: moment,
  expires: moment.nullable(),
});
const file = z.strictObject({ version: z.literal(1), tokens: z.array(stored) });

/** Reads a file of tokens. Throws {@link AccessFileError}. */
export function parseTokens(text: string, where: string): StoredToken[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // The engine's own words quote what it has read, and the log tells this error.
    const place = /position \d+/.exec(String(error))?.[0] ?? 'its end';
    throw new AccessFileError(`${where}: it is no JSON at ${place}`);
  }
  const checked = file.safeParse(json);
  if (!checked.success) {
    const [first] = checked.error.issues;
    const place = first === undefined || first.path.length === 0 ? '' : `${first.path.join('.')}: `;
    throw new AccessFileError(`${where}: ${place}${first?.message ?? 'it cannot be used'}`);
  }
  return checked.data.tokens.map(({ created, expires, ...token }) => ({
    ...token,
    createdMs: created,
    expiresMs: expires,
  }));
}

/** The tokens of a file; none where there is no file yet. */
export function readTokens(path: string): StoredToken[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return parseTokens(text, path);
}

/** Changes the tokens of a file. Nobody else may be doing the same: who comes second is told so. */
export function changeTokens(path: string, change: (tokens: StoredToken[]) => readonly StoredToken[]): void {
  const next = `${path}.next`;
  let handle: number;
  try {
    handle = openSync(next, 'wx', fileMode);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new AccessFileError(
      `${next}: another command is changing the tokens; if none is, delete this file`,
    );
  }
  try {
    writeSync(
      handle,
      `${JSON.stringify({ version: 1, tokens: change(readTokens(path)).map(told) }, null, 2)}\n`,
    );
    fsyncSync(handle);
    closeSync(handle);
    chmodSync(next, fileMode);
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

function told({ createdMs, expiresMs, ...token }: StoredToken): object {
  return {
    ...token,
    created: new Date(createdMs).toISOString(),
    expires: expiresMs === null ? null : new Date(expiresMs).toISOString(),
  };
}

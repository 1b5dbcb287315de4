/** The files that say who may do what, read and watched. */
import { readFile } from 'node:fs/promises';
import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../base/clock.ts';
import { Gatekeeper } from './gatekeeper.ts';
import type { AccessRules } from './gatekeeper.ts';
import { AccessFileError } from './access-file-error.ts';
import { isJwksAddress, parsePolicy } from './policy-file.ts';
import type { Policy } from './policy.ts';
import { parseTokens } from './token-file.ts';
import { WatchedFiles } from './watched-files.ts';

export interface AccessFilesOptions {
  /** The file of access. */
  readonly policy: string;
  /** The file of tokens, which may be missing. */
  readonly tokens: string;
  readonly clock: Clock;
  readonly onReload: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** A gatekeeper that goes by files. */
export interface WatchedAccess {
  readonly gatekeeper: Gatekeeper;
  /** Looks at the files now, instead of within a second. */
  check(): Promise<void>;
  close(): void;
}

/** Reads the files. Rejects with {@link AccessFileError}: a broker that does not know who may come in lets nobody in. */
export async function openAccess(options: AccessFilesOptions): Promise<WatchedAccess> {
  let rules: AccessRules | undefined;
  let gatekeeper: Gatekeeper | undefined;
  const watched = await WatchedFiles.start({
    clock: options.clock,
    files: () => [options.policy, options.tokens, ...(rules === undefined ? [] : keyFilesOf(rules.policy))],
    async reload() {
      rules = await readRules(options);
      gatekeeper?.change(rules);
      options.onReload();
    },
    onFailure: options.onFailure,
  });
  try {
    rules = await readRules(options);
  } catch (error) {
    watched.close();
    throw error;
  }
  gatekeeper = new Gatekeeper(rules, options.clock);
  return { gatekeeper, check: () => watched.check(), close: () => watched.close() };
}

async function readRules({ policy: file, tokens }: AccessFilesOptions): Promise<AccessRules> {
  const policy = parsePolicy(await readNeeded(file), file);
  const keyFiles = new Map<string, JSONWebKeySet>();
  for (const each of keyFilesOf(policy)) keyFiles.set(each, keySet(await readNeeded(each), each));
  const text = await readIfThere(tokens);
  return { policy, keyFiles, tokens: text === undefined ? [] : parseTokens(text, tokens) };
}

function keyFilesOf({ jwt }: Policy): string[] {
  return jwt.map(({ jwks }) => jwks).filter((jwks) => !isJwksAddress(jwks));
}

function keySet(text: string, file: string): JSONWebKeySet {
  try {
    const set = JSON.parse(text) as Partial<JSONWebKeySet> | null;
    if (Array.isArray(set?.keys)) return { keys: set.keys };
  } catch {
    // Told below.
  }
  throw new AccessFileError(`${file}: no JSON Web Key Set`);
}

async function readNeeded(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AccessFileError(error instanceof Error ? error.message : String(error));
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AccessFileError(error instanceof Error ? error.message : String(error));
  }
}

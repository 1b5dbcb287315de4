/**
 * The file of profiles, `$XDG_CONFIG_HOME/hyperloom/profiles.json`, which only its owner can read:
 *
 *     {"version": 1, "current": "team", "profiles": {"team": {"address": "broker.internal:7400", "forest": "research"}}}
 *
 * It is replaced whole by a rename, so that who reads it meanwhile gets the old one or the new one.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

import { UsageError } from '../failure.ts';
import type { Environment } from '../surroundings.ts';
import { connectionKeys, noProfiles, type Profile, type Profiles } from './profile.ts';

const fileVersion = 1;
/** Read and written by its owner alone: addresses tell where brokers are. */
const fileMode = 0o600;
const folderMode = 0o700;

/** Where the profiles of an environment are. A path that is not absolute says nothing, as the XDG specification wants. */
export function profileFileOf(environment: Environment): string {
  const given = environment['XDG_CONFIG_HOME'] ?? '';
  const folder = isAbsolute(given) ? given : join(environment['HOME'] ?? homedir(), '.config');
  return join(folder, 'hyperloom', 'profiles.json');
}

/** Reads the profiles; none where there is no file. Throws a {@link UsageError} that names what is wrong in it. */
export function readProfiles(file: string): Profiles {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return noProfiles;
    throw error;
  }
  const told = objectIn(file, 'the file', parsed(file, text));
  if (told['version'] !== fileVersion)
    throw new UsageError(
      `${file} is of version ${String(told['version'])}; this hyperloom reads ${fileVersion}`,
    );
  const all = new Map<string, Profile>();
  for (const [name, profile] of Object.entries(objectIn(file, 'profiles', told['profiles'])))
    all.set(name, profileIn(file, name, profile));
  const { current } = told;
  if (current !== undefined && typeof current !== 'string')
    throw new UsageError(`${file}: current must be the name of a profile`);
  return { current, all };
}

/** Replaces the file, and makes it where it is missing. */
export function writeProfiles(file: string, { current, all }: Profiles): void {
  mkdirSync(dirname(file), { recursive: true, mode: folderMode });
  const told = {
    version: fileVersion,
    ...(current === undefined ? {} : { current }),
    profiles: Object.fromEntries(all),
  };
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, `${JSON.stringify(told, null, 2)}\n`, { mode: fileMode });
    // The mode of a new file is cut by the umask, and that of an old one is left as it is.
    chmodSync(partial, fileMode);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function profileIn(file: string, name: string, value: unknown): Profile {
  const told = objectIn(file, `the profile ${name}`, value);
  const profile: Record<string, string> = {};
  for (const key of connectionKeys) {
    const text = told[key];
    if (text === undefined) continue;
    if (typeof text !== 'string')
      throw new UsageError(`${file}: ${key} of the profile ${name} must be a text`);
    profile[key] = text;
  }
  return profile;
}

function objectIn(file: string, what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file}: ${what} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

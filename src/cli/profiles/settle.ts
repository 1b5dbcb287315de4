/**
 * Which broker, forest and author a command works with. For each, the first that says it: the option itself, the profile that is
 * named with --profile, the option's environment variable, the profile of HYPERLOOM_PROFILE or else of "profile use", and what is
 * built in.
 */
import type { Command } from 'commander';

import { UsageError } from '../failure.ts';
import { connectionKeys, type ConnectionKey, type Profile, type Profiles } from './profile.ts';

/** Who said a value. */
export type Origin = 'option' | 'environment' | 'profile' | 'built in';

/** What is in force, and who said so. */
export interface Settled {
  readonly values: Profile;
  readonly origins: Readonly<Record<ConnectionKey, Origin>>;
  /** The profile that took part, if any. */
  readonly profile: string | undefined;
}

/** How an option came to its value, as commander calls it. */
type Source = 'cli' | 'env' | 'default';

/** What was given for the options of all commands. */
export interface Given {
  readonly values: Profile;
  readonly sources: Readonly<Partial<Record<ConnectionKey | 'profile', Source>>>;
  /** The name of a profile, by option or variable. */
  readonly profile: string | undefined;
}

/** What was given on the command line and in the environment. */
export function givenTo(program: Command): Given {
  const options: Readonly<Record<string, unknown>> = program.opts();
  const values: Partial<Record<ConnectionKey, string>> = {};
  const sources: Partial<Record<ConnectionKey | 'profile', Source>> = {};
  for (const key of [...connectionKeys, 'profile'] as const) {
    const told = sourceOf(program.getOptionValueSource(key));
    // An empty variable, as files of settings leave it behind, is none.
    const isUnset = told === 'env' && options[key] === '';
    const source = isUnset ? 'default' : told;
    if (source !== undefined) sources[key] = source;
    const value = isUnset ? defaultOf(program, key) : options[key];
    if (key !== 'profile' && typeof value === 'string') values[key] = value;
  }
  const { profile } = options;
  return { values, sources, profile: typeof profile === 'string' && profile !== '' ? profile : undefined };
}

function defaultOf(program: Command, key: string): unknown {
  return program.options.find((option) => option.attributeName() === key)?.defaultValue;
}

function sourceOf(told: string | undefined): Source | undefined {
  return told === 'cli' || told === 'env' || told === 'default' ? told : undefined;
}

/** Puts together what is in force. Throws a {@link UsageError} for a profile that is not there. */
export function settle(given: Given, profiles: Profiles): Settled {
  const name = given.profile ?? profiles.current;
  const profile = name === undefined ? {} : profileNamed(name, profiles);
  const isNamed = given.sources.profile === 'cli';
  const values: Partial<Record<ConnectionKey, string>> = {};
  const origins = {} as Record<ConnectionKey, Origin>;
  for (const key of connectionKeys) {
    const source = given.sources[key];
    const isHeld = profile[key] !== undefined;
    const origin: Origin =
      source === 'cli'
        ? 'option'
        : isHeld && (isNamed || source !== 'env')
          ? 'profile'
          : source === 'env'
            ? 'environment'
            : 'built in';
    const value = origin === 'profile' ? profile[key] : given.values[key];
    if (value !== undefined) values[key] = value;
    origins[key] = origin;
  }
  return { values, origins, profile: name };
}

/** A profile that somebody named. */
export function profileNamed(name: string, { all }: Profiles): Profile {
  const profile = all.get(name);
  if (profile !== undefined) return profile;
  const names = [...all.keys()].sort().join(', ');
  throw new UsageError(
    `there is no profile ${name}; there ${all.size === 0 ? 'are none yet: see "hyperloom profile add"' : `are: ${names}`}`,
  );
}

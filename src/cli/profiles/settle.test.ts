/** Goal: of several that say a value the right one counts. Method: the table of who says what, for one value. */
import { Command, Option } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { UsageError } from '../failure.ts';
import type { Profiles } from './profile.ts';
import { givenTo, settle, type Given, type Origin } from './settle.ts';

const profiles: Profiles = {
  current: 'home',
  all: new Map([
    ['home', { address: 'home:1' }],
    ['team', { address: 'team:1', forest: 'research' }],
  ]),
};

function given(
  source: 'cli' | 'env' | 'default',
  profile?: readonly [name: string, source: 'cli' | 'env'],
): Given {
  return {
    values: { address: 'said:1', forest: 'default' },
    sources: {
      address: source,
      forest: 'default',
      ...(profile === undefined ? {} : { profile: profile[1] }),
    },
    profile: profile?.[0],
  };
}

describe('an address', () => {
  it.each<readonly [string, Given, string, Origin]>([
    ['the option, before a profile that is named', given('cli', ['team', 'cli']), 'said:1', 'option'],
    ['a profile that is named, before the environment', given('env', ['team', 'cli']), 'team:1', 'profile'],
    [
      'the environment, before a profile that it names',
      given('env', ['team', 'env']),
      'said:1',
      'environment',
    ],
    ['the environment, before the profile in use', given('env'), 'said:1', 'environment'],
    [
      'a profile that the environment names, before the one in use',
      given('default', ['team', 'env']),
      'team:1',
      'profile',
    ],
    ['the profile in use, before what is built in', given('default'), 'home:1', 'profile'],
  ])('is that of %s', (_, asked, address, origin) => {
    const { values, origins } = settle(asked, profiles);
    expect([values.address, origins.address]).toEqual([address, origin]);
  });

  it('is what is built in where nobody says anything', () => {
    const { values, origins, profile } = settle(given('default'), { current: undefined, all: new Map() });
    expect([values.address, origins.address, profile]).toEqual(['said:1', 'built in', undefined]);
  });
});

it('what a profile does not hold comes from elsewhere', () => {
  expect(settle(given('default'), profiles).values.forest).toBe('default');
  expect(settle(given('default', ['team', 'cli']), profiles).values.forest).toBe('research');
});

it('a profile that is not there is told, with those that are', () => {
  expect(() => settle(given('default', ['teem', 'cli']), profiles)).toThrow(UsageError);
  expect(() => settle(given('default', ['teem', 'cli']), profiles)).toThrow('home, team');
});

describe('an environment variable', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ['', 'built:1', 'default'],
    ['there:1', 'there:1', 'env'],
  ])('of the text "%s"', (text, address, source) => {
    vi.stubEnv('HYPERLOOM_TEST_ADDRESS', text);
    const program = new Command()
      .addOption(new Option('--address <host:port>').env('HYPERLOOM_TEST_ADDRESS').default('built:1'))
      .addOption(new Option('--token-file <file>').env('HYPERLOOM_TEST_ADDRESS'))
      .parse([], { from: 'user' });
    const { values, sources } = givenTo(program);
    expect([values.address, sources.address]).toEqual([address, source]);
    expect(values.tokenFile).toBe(text === '' ? undefined : text);
  });
});

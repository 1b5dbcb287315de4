/** Connection profiles: names for a broker with all that is needed to reach it. */

/** What a profile may hold, and every command takes as an option; each in the words of the command line. */
export const connectionKeys = [
  'address',
  'forest',
  'author',
  'caFile',
  'certFile',
  'keyFile',
  'tokenFile',
] as const;

export type ConnectionKey = (typeof connectionKeys)[number];

/** Such as `--token-file`. */
export function optionOf(key: ConnectionKey): string {
  return `--${withBefore('-', key)}`;
}

/** Such as `HYPERLOOM_TOKEN_FILE`. */
export function variableOf(key: ConnectionKey): string {
  return `HYPERLOOM_${withBefore('_', key).toUpperCase()}`;
}

function withBefore(sign: string, key: ConnectionKey): string {
  return key.replace(/[A-Z]/g, (letter) => sign + letter.toLowerCase());
}

/** A profile: what it does not hold comes from elsewhere. */
export type Profile = Readonly<Partial<Record<ConnectionKey, string>>>;

/** All profiles, and which of them is used where none is named. */
export interface Profiles {
  readonly current: string | undefined;
  readonly all: ReadonlyMap<string, Profile>;
}

/** As before anybody has added one. */
export const noProfiles: Profiles = { current: undefined, all: new Map() };

/** What a profile may be called: it is typed often, and stands in JSON. */
export const profileNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

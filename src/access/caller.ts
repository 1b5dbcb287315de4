/** Who asks, and what that principal may do, as of the moment in which it was looked up. */
import { systemClock } from '../base/clock.ts';
import { allRights, noRights } from './forest-rights.ts';
import type { ForestRights } from './forest-rights.ts';
import { unlimited, type Quota } from './quota.ts';
import { Usage } from './usage.ts';

/** Names in a client's certificate, which TLS has verified. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  readonly commonName: string;
  /** When it ends, in milliseconds since the Unix epoch. */
  readonly expiresMs: number;
}

/** What a caller shows to say who it is. */
export interface Credentials {
  /** The `authorization` header. */
  readonly authorization: string | undefined;
  readonly certificate: CertificateNames | undefined;
}

/** What is known of a principal's rights. */
export interface Rights {
  in(forest: string): ForestRights;
  maySpeakAs(author: string): boolean;
  readonly quota: Quota;
  /** Equal texts, equal rights. What a quota says is asked for anew each time, and changes nothing of what was begun. */
  readonly fingerprint: string;
}

export interface Caller extends Rights {
  /** The principal; empty where nobody is asked who they are. */
  readonly name: string;
  readonly credentials: Credentials;
  /** What the principal uses of its quota; shared by all callers of that name. */
  readonly usage: Usage;
  /** When it must be looked up again, in milliseconds since the Unix epoch: its credentials may have ended. */
  readonly renewMs: number;
}

const nothing: Credentials = { authorization: undefined, certificate: undefined };

/** Anybody, where the broker asks nobody who they are. */
export const anybody: Caller = {
  name: '',
  credentials: nothing,
  quota: unlimited,
  usage: new Usage(systemClock),
  renewMs: Infinity,
  fingerprint: 'anybody',
  in: () => allRights,
  maySpeakAs: () => true,
};

/** Somebody who may use what is open to all, such as health, and nothing else. */
export const stranger: Caller = {
  name: '',
  credentials: nothing,
  quota: unlimited,
  usage: new Usage(systemClock),
  renewMs: Infinity,
  fingerprint: 'stranger',
  in: () => noRights,
  maySpeakAs: () => false,
};

/**
 * Says who calls, by the credentials that come with a call, and keeps what it goes by fresh: the policy, the tokens and the keys of
 * issuers are read again when their files change. A file that cannot be used changes nothing: what was in force stays.
 */
import { admittedKeptMax, jwtRenewMs, principalsKeptMax } from '../base/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Caller, CertificateNames, Credentials, Rights } from './caller.ts';
import { JwtIssuers } from './jwt.ts';
import { certificateNamesBy, rightsOf } from './policy.ts';
import { forestQuotaOf, type ForestQuota } from './quota.ts';
import type { AuditRule, Policy } from './policy.ts';
import { expiredCredentials, invalidCredentials, missingCredentials } from './refusals.ts';
import { hashOf, tokenPrefix } from './token.ts';
import type { StoredToken } from './token.ts';
import { Usage } from './usage.ts';
import type { JSONWebKeySet } from 'jose';

/** Everything that the gatekeeper goes by. */
export interface AccessRules {
  readonly policy: Policy;
  readonly tokens: readonly StoredToken[];
  readonly keyFiles: ReadonlyMap<string, JSONWebKeySet>;
}

export class Gatekeeper {
  readonly #clock: Clock;
  #policy: Policy;
  #tokens = new Map<string, StoredToken>();
  #issuers: JwtIssuers;
  /** By the header that they showed. */
  readonly #admitted = new Map<string, Caller>();
  /** By principal, least recently looked up first. */
  readonly #usages = new Map<string, Usage>();
  readonly #forestQuotas = new Map<string, ForestQuota>();
  readonly #onChange = new Set<() => void>();

  constructor(rules: AccessRules, clock: Clock) {
    this.#clock = clock;
    this.#policy = rules.policy;
    this.#issuers = new JwtIssuers({ issuers: rules.policy.jwt, keyFiles: rules.keyFiles });
    this.#takeTokens(rules.tokens);
  }

  /** What is written down of what happens. */
  get audit(): AuditRule | null {
    return this.#policy.audit;
  }

  /** How large a forest may become. */
  forestQuota(forest: string): ForestQuota {
    let quota = this.#forestQuotas.get(forest);
    if (quota === undefined) {
      quota = forestQuotaOf(this.#policy.forestQuotas, forest);
      this.#forestQuotas.set(forest, quota);
    }
    return quota;
  }

  /** The issuers of JSON Web Tokens, for clients that look for where to get one. */
  get issuers(): readonly string[] {
    return this.#policy.jwt.map(({ issuer }) => issuer);
  }

  /** Takes other rules. Whoever is being served is looked at again. */
  change(rules: AccessRules): void {
    this.#policy = rules.policy;
    this.#issuers = new JwtIssuers({ issuers: rules.policy.jwt, keyFiles: rules.keyFiles });
    this.#takeTokens(rules.tokens);
    this.#admitted.clear();
    this.#forestQuotas.clear();
    for (const callback of [...this.#onChange]) callback();
  }

  /** Calls back after each change, until what it returns is called. */
  onChange(callback: () => void): () => void {
    this.#onChange.add(callback);
    return () => this.#onChange.delete(callback);
  }

  /**
   * Who calls. At once for whoever was here before. A token goes before a certificate: a proxy may have one for itself. Throws or
   * rejects with `NotAdmitted`.
   */
  admit(
    authorization: string | undefined,
    certificate: CertificateNames | undefined,
  ): Caller | Promise<Caller> {
    if (authorization === undefined) {
      if (certificate === undefined) throw missingCredentials();
      return this.#byCertificate(certificate);
    }
    const known = this.#admitted.get(authorization);
    if (known !== undefined && known.renewMs > this.#clock.nowMs()) return known;
    return this.#byToken(authorization);
  }

  /** The same caller, by what is in force now. */
  async renew({ credentials }: Caller): Promise<Caller> {
    return this.admit(credentials.authorization, credentials.certificate);
  }

  #byToken(authorization: string): Caller | Promise<Caller> {
    this.#admitted.delete(authorization);
    const token = /^bearer +([^\s,]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw invalidCredentials('the authorization header is not "Bearer TOKEN"');
    const credentials = { authorization, certificate: undefined };
    if (!token.startsWith(tokenPrefix)) return this.#byJwt(token, credentials);
    const stored = this.#tokens.get(hashOf(token));
    if (stored === undefined) throw invalidCredentials('the token is unknown, or was revoked');
    const renewMs = stored.expiresMs ?? Infinity;
    if (renewMs <= this.#clock.nowMs()) throw expiredCredentials('the token');
    return this.#keep(authorization, this.#caller(stored.principal, stored.groups, credentials, renewMs));
  }

  async #byJwt(token: string, credentials: Credentials): Promise<Caller> {
    const nowMs = this.#clock.nowMs();
    const { name, groups, expiresMs } = await this.#issuers.verify(token, nowMs);
    // Its issuer's keys may change before it ends.
    const renewMs = Math.min(expiresMs, nowMs + jwtRenewMs);
    return this.#keep(credentials.authorization ?? '', this.#caller(name, groups, credentials, renewMs));
  }

  #byCertificate(certificate: CertificateNames): Caller {
    const rule = this.#policy.certificates;
    if (rule === null) throw missingCredentials();
    if (certificate.expiresMs <= this.#clock.nowMs()) throw expiredCredentials('the client certificate');
    const [name, ...others] = certificateNamesBy(rule, certificate);
    if (name === undefined || others.length > 0)
      throw invalidCredentials(`the client certificate must have exactly one name of the kind ${rule.from}`);
    const credentials = { authorization: undefined, certificate };
    const key = `certificate ${rule.from} ${name} ${certificate.expiresMs}`;
    const known = this.#admitted.get(key);
    if (known !== undefined) return known;
    return this.#keep(key, this.#caller(rule.prefix + name, [], credentials, certificate.expiresMs));
  }

  #caller(name: string, groups: readonly string[], credentials: Credentials, renewMs: number): Caller {
    const rights: Rights = rightsOf(this.#policy, name, groups);
    return { ...rights, name, credentials, usage: this.#usageOf(name), renewMs };
  }

  /** What a principal uses counts for all its tokens, whatever becomes of the rules. */
  #usageOf(name: string): Usage {
    const usage = this.#usages.get(name) ?? new Usage(this.#clock);
    this.#usages.delete(name);
    this.#usages.set(name, usage);
    for (const [oldest, { subscriptions }] of this.#usages) {
      if (this.#usages.size <= principalsKeptMax) break;
      if (subscriptions === 0) this.#usages.delete(oldest);
    }
    return usage;
  }

  #keep(key: string, caller: Caller): Caller {
    for (const oldest of this.#admitted.keys()) {
      if (this.#admitted.size < admittedKeptMax) break;
      this.#admitted.delete(oldest);
    }
    this.#admitted.set(key, caller);
    return caller;
  }

  #takeTokens(tokens: readonly StoredToken[]): void {
    this.#tokens = new Map(tokens.map((token) => [token.hash, token]));
  }
}

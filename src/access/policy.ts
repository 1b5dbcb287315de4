/** Who may do what, as a file of access says it: from the name of a principal to its rights. */
import { anyDepth, formatPattern, parsePattern } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import { segmentProblem } from '../trie/path.ts';
import type { CertificateNames, Rights } from './caller.ts';
import { ForestRights, noRights } from './forest-rights.ts';
import type { NameGlob } from './name-glob.ts';
import { quotaOf, type ForestQuotaRule, type QuotaRule } from './quota.ts';
import { permissions } from './permission.ts';
import type { Permission } from './permission.ts';

/** One grant: those whom it names may do this, in these forests, at these paths. */
export interface Grant {
  readonly principals: readonly NameGlob[];
  readonly groups: readonly NameGlob[];
  readonly forests: readonly NameGlob[];
  /** Texts of patterns; a segment that is `{principal}` stands for the name of whoever asks. */
  readonly paths: readonly string[];
  readonly may: readonly Permission[];
}

/** Whom a principal may name as the author of what it does, beside itself. */
export interface SpeakAs {
  readonly principals: readonly NameGlob[];
  readonly authors: readonly NameGlob[];
}

/** Whose JSON Web Tokens are taken. */
export interface JwtIssuer {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  /** An https address, or a file. */
  readonly jwks: string;
  /** The claims that hold the name of the principal, and its groups. */
  readonly principalClaim: string;
  readonly groupsClaim: string;
  /** Before the name, so that two issuers cannot name the same principal. */
  readonly prefix: string;
}

/** Which name in a certificate is the principal. */
export interface CertificateRule {
  readonly from: 'uri' | 'dns' | 'email' | 'common_name';
  readonly prefix: string;
}

/** What is written down in the audit forest. */
export type AuditedKind = 'refusals' | 'admin' | 'approve' | 'write' | 'ghost' | 'lock' | 'read';

export interface AuditRule {
  readonly forest: string;
  readonly record: readonly AuditedKind[];
  readonly keepDays: number;
}

export interface Policy {
  readonly grants: readonly Grant[];
  readonly speakAs: readonly SpeakAs[];
  readonly jwt: readonly JwtIssuer[];
  readonly certificates: CertificateRule | null;
  readonly audit: AuditRule | null;
  /** What principals may have, and forests: of several that are about one the first counts. */
  readonly quotas: readonly QuotaRule[];
  readonly forestQuotas: readonly ForestQuotaRule[];
}

export const principalPlaceholder = '{principal}';

/** The rights of a principal by a policy. The audit forest is open only to grants that name it in full, and only for reading. */
export function rightsOf(policy: Policy, name: string, groups: readonly string[]): Rights {
  const grants = policy.grants.filter(
    (grant) =>
      grant.principals.some((glob) => glob.matches(name)) ||
      groups.some((group) => grant.groups.some((glob) => glob.matches(group))),
  );
  const authors = policy.speakAs
    .filter(({ principals }) => principals.some((glob) => glob.matches(name)))
    .flatMap((rule) => rule.authors);
  const byForest = new Map<string, ForestRights>();
  return {
    in(forest) {
      let rights = byForest.get(forest);
      if (rights === undefined) {
        if (byForest.size >= forestsKeptMax) byForest.clear();
        rights = forestRights(grants, forest, name, policy.audit?.forest);
        byForest.set(forest, rights);
      }
      return rights;
    },
    maySpeakAs: (author) => author === name || authors.some((glob) => glob.matches(author)),
    quota: quotaOf(policy.quotas, name, groups),
    fingerprint: fingerprintOf(grants, name, authors, policy.audit?.forest),
  };
}

/** Names of forests come from callers, so not all of them are remembered. */
const forestsKeptMax = 1_000;

function forestRights(
  grants: readonly Grant[],
  forest: string,
  name: string,
  audit: string | undefined,
): ForestRights {
  const patterns: Record<Permission, Pattern[]> = {
    read: [],
    write: [],
    ghost: [],
    lock: [],
    approve: [],
    admin: [],
  };
  for (const { forests, paths, may } of grants) {
    const isMeant =
      forest === audit
        ? forests.some(({ text }) => text === forest)
        : forests.some((glob) => glob.matches(forest));
    if (!isMeant) continue;
    for (const text of paths) {
      const pattern = patternFor(text, name);
      if (pattern !== null)
        for (const permission of may)
          if (forest !== audit || permission === 'read') patterns[permission].push(pattern);
    }
  }
  const isNothing = permissions.every((permission) => patterns[permission].length === 0);
  return isNothing ? noRights : new ForestRights(patterns);
}

/** The pattern for a principal; `null` where its name can be no segment of a path. */
function patternFor(text: string, name: string): Pattern | null {
  const pattern = parsePattern(text);
  if ('problem' in pattern) return null;
  if (!pattern.segments.includes(principalPlaceholder)) return pattern;
  if (segmentProblem(name) !== null) return null;
  return {
    segments: pattern.segments.map((segment) => (segment === principalPlaceholder ? name : segment)),
  };
}

/** Of a grant that has the principal's name in it, what it comes to. */
function fingerprintOf(
  grants: readonly Grant[],
  name: string,
  authors: readonly NameGlob[],
  audit: string | undefined,
): string {
  const told = grants.map(({ forests, paths, may }) => {
    const expanded = paths.map((path) => patternFor(path, name)).filter((pattern) => pattern !== null);
    return [forests.map(({ text }) => text), expanded.map(({ segments }) => segments), may];
  });
  return JSON.stringify([told, authors.map(({ text }) => text), audit]);
}

/** The names that a certificate gives to its holder by a rule; one of them is expected. */
export function certificateNamesBy({ from }: CertificateRule, names: CertificateNames): readonly string[] {
  switch (from) {
    case 'uri':
      return names.uris;
    case 'dns':
      return names.dnsNames;
    case 'email':
      return names.emails;
    case 'common_name':
      return names.commonName === '' ? [] : [names.commonName];
  }
}

/** For people: where somebody may do something. */
export function tellPatterns(patterns: readonly Pattern[]): string {
  return patterns.map(formatPattern).join(', ');
}

export const everywhereText = `/${anyDepth}`;

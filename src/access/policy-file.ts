/**
 * The file of access: YAML (or JSON, which is YAML too). What it may hold is documented, with an example, in `docs/security.md`.
 * Whatever is not understood is refused as a whole: a rule that is passed over could be the one that keeps somebody out.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { accessGrantsMax, accessPatternsMax, authorBytesMax } from '../base/limits.ts';
import { parsePattern } from '../trie/pattern.ts';
import { utf8Length } from '../trie/path.ts';
import { AccessFileError } from './access-file-error.ts';
import { nameGlob } from './name-glob.ts';
import { permissions } from './permission.ts';
import type { Permission } from './permission.ts';
import { everywhereText } from './policy.ts';
import type { Policy } from './policy.ts';

/** Asymmetric ones: with a shared secret, whoever can check a token could make one. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const auditedKinds = ['refusals', 'admin', 'approve', 'write', 'ghost', 'lock', 'read'] as const;

const name = z
  .string()
  .min(1)
  .refine((text) => utf8Length(text) <= authorBytesMax, `at most ${authorBytesMax} bytes`);
const names = z.union([name, z.array(name)]).transform((given) => [given].flat().map(nameGlob));
const path = z.string().superRefine((text, context) => {
  const pattern = parsePattern(text);
  if ('problem' in pattern) context.addIssue({ code: 'custom', message: pattern.problem });
  // A path may hold such a segment, but whoever writes it here means something else.
  else if (pattern.segments.some((segment) => segment.includes('*') && !/^\*{1,2}$/.test(segment)))
    context.addIssue({ code: 'custom', message: '"*" and "**" stand for whole segments' });
});
const paths = z.union([path, z.array(path).min(1)]).transform((given) => [given].flat());
const permission = z.enum([...permissions, 'all']);
const everyName = [nameGlob('*')];

const grant = z
  .strictObject({
    principals: names.default([]),
    groups: names.default([]),
    forests: names.default([nameGlob('default')]),
    paths: paths.default([everywhereText]),
    may: z.union([permission, z.array(permission).min(1)]),
  })
  .refine(
    ({ principals, groups }) => principals.length + groups.length > 0,
    'names neither principals nor groups',
  )
  .transform((given) => ({ ...given, may: permissionsOf([given.may].flat()) }));

const jwt = z.strictObject({
  issuer: z.string().min(1),
  audience: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((given) => [given].flat()),
  algorithms: z.array(z.enum(jwtAlgorithms)).min(1),
  jwks: z.string().min(1).refine(isUsableJwks, 'an https address, or a file; http only on this machine'),
  principal: z.string().min(1).default('sub'),
  groups: z.string().min(1).default('groups'),
  prefix: z.string().default(''),
});

const most = z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

const quota = z
  .strictObject({
    principals: names.default([]),
    groups: names.default([]),
    subscriptions: most,
    publishes_per_second: z.number().positive().max(1_000_000).optional(),
    ghosts: most,
    locks: most,
  })
  .refine(
    ({ principals, groups }) => principals.length + groups.length > 0,
    'names neither principals nor groups',
  );

const forestQuota = z.strictObject({ forests: names, nodes: most, bytes: most });

const file = z.strictObject({
  version: z.literal(1),
  grants: z.array(grant).max(accessGrantsMax).default([]),
  speak_as: z.array(z.strictObject({ principals: names, authors: names.default(everyName) })).default([]),
  quotas: z.array(quota).max(accessGrantsMax).default([]),
  forest_quotas: z.array(forestQuota).max(accessGrantsMax).default([]),
  jwt: z.array(jwt).default([]),
  certificates: z
    .strictObject({
      principal: z.enum(['uri', 'dns', 'email', 'common_name']),
      prefix: z.string().default(''),
    })
    .optional(),
  audit: z
    .strictObject({
      forest: z
        .string()
        .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'no name of a forest')
        .default('audit'),
      record: z.array(z.enum(auditedKinds)).default(['refusals', 'admin', 'approve']),
      keep_days: z.int().min(1).max(3_650).default(30),
    })
    .optional(),
});

/** Reads a file of access. Throws {@link AccessFileError}. */
export function parsePolicy(text: string, where: string): Policy {
  const checked = file.safeParse(yamlOf(text, where));
  if (!checked.success) throw new AccessFileError(`${where}: ${explain(checked.error)}`);
  const { grants, speak_as: speakAs, jwt: issuers, certificates, audit, quotas } = checked.data;
  const patterns = grants.reduce((sum, each) => sum + each.paths.length, 0);
  if (patterns > accessPatternsMax)
    throw new AccessFileError(`${where}: ${patterns} paths; ${accessPatternsMax} is the maximum`);
  if (audit?.forest === 'default')
    throw new AccessFileError(`${where}: audit.forest: the default forest is for everybody's work`);
  checkIssuers(issuers, where);
  return {
    grants,
    speakAs,
    quotas: quotas.map(({ publishes_per_second: publishesPerSecond, ...quota }) => ({
      ...stated({ ...quota, publishesPerSecond }),
      principals: quota.principals,
      groups: quota.groups,
    })),
    forestQuotas: checked.data.forest_quotas.map((quota) => ({ ...stated(quota), forests: quota.forests })),
    jwt: issuers.map(({ principal, groups, ...issuer }) => ({
      ...issuer,
      principalClaim: principal,
      groupsClaim: groups,
    })),
    certificates:
      certificates === undefined ? null : { from: certificates.principal, prefix: certificates.prefix },
    audit:
      audit === undefined ? null : { forest: audit.forest, record: audit.record, keepDays: audit.keep_days },
  };
}

/** Without what nobody says. */
function stated<Figures extends object>(
  figures: Figures,
): { [Name in keyof Figures]?: Exclude<Figures[Name], undefined> } {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Figures]?: Exclude<Figures[Name], undefined>;
  };
}

function yamlOf(text: string, where: string): unknown {
  try {
    // Aliases could make a small file a huge document.
    return parse(text, { uniqueKeys: true, maxAliasCount: 0, prettyErrors: true });
  } catch (error) {
    throw new AccessFileError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function explain({ issues }: z.ZodError): string {
  const [first] = issues;
  if (first === undefined) return 'it cannot be used';
  const place = first.path.map(String).join('.');
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${place === '' ? '' : `${place}: `}${first.message}${more}`;
}

/** Which issuer a token claims to be of decides which keys it is checked with. */
function checkIssuers(issuers: readonly { readonly issuer: string }[], where: string): void {
  const known = new Set<string>();
  for (const { issuer } of issuers) {
    if (known.has(issuer)) throw new AccessFileError(`${where}: jwt: two entries for the issuer ${issuer}`);
    known.add(issuer);
  }
}

function permissionsOf(given: readonly (Permission | 'all')[]): Permission[] {
  return permissions.filter((each) => given.includes(each) || given.includes('all'));
}

/** Whether keys come from an address; otherwise from a file. */
export function isJwksAddress(jwks: string): boolean {
  return /^https?:\/\//i.test(jwks);
}

function isUsableJwks(jwks: string): boolean {
  if (!isJwksAddress(jwks)) return true;
  if (!URL.canParse(jwks)) return false;
  const { protocol, hostname } = new URL(jwks);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

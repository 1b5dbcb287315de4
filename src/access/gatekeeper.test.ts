/**
 * Goal: a caller is who its credentials say, for as long as they say it, and nobody else. Method: real tokens, JSON Web Tokens signed here with real keys,
 * names of certificates, and a clock that is driven.
 */
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JSONWebKeySet } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../base/random.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { CertificateNames } from './caller.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { parsePolicy } from './policy-file.ts';
import { NotAdmitted } from './refusals.ts';
import { hashOf, newToken, type StoredToken } from './token.ts';

const issuer = 'https://login.example.com/';
const policy = parsePolicy(
  JSON.stringify({
    version: 1,
    grants: [{ principals: ['planner', 'jwt:*'], paths: '/a/**', may: 'read' }],
    jwt: [{ issuer, audience: 'broker', algorithms: ['ES256'], jwks: 'keys.json', prefix: 'jwt:' }],
    certificates: { principal: 'uri', prefix: 'cert:' },
  }),
  'test',
);

let key: CryptoKey;
let keys: JSONWebKeySet;
beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] };
});

function open(tokens: readonly StoredToken[] = []): { gatekeeper: Gatekeeper; clock: ManualClock } {
  const clock = new ManualClock();
  const keyFiles = new Map([['keys.json', keys]]);
  return { gatekeeper: new Gatekeeper({ policy, tokens, keyFiles }, clock), clock };
}

function stored(token: string, expiresMs: number | null = null): StoredToken {
  return {
    id: 'id',
    principal: 'planner',
    groups: [],
    hash: hashOf(token),
    label: '',
    createdMs: 0,
    expiresMs,
  };
}

async function reasonOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'admitted';
  } catch (error) {
    return error instanceof NotAdmitted ? error.rejection.reason : String(error);
  }
}

async function signed(
  claims: object,
  { expires = 60, by = key, alg = 'ES256', now = 1_000 } = {},
): Promise<string> {
  const jwt = new SignJWT({ ...claims })
    .setProtectedHeader({ alg, kid: 'one' })
    .setExpirationTime(now + expires);
  return `Bearer ${await jwt.sign(by)}`;
}

describe('a token', () => {
  test('is its principal until it ends, and not a moment longer', async () => {
    const { token } = newToken(systemRandom);
    const { gatekeeper, clock } = open([stored(token, 1_001_000)]);
    clock.advance(999);
    const caller = await gatekeeper.admit(`Bearer ${token}`, undefined);
    expect([caller.name, caller.in('default').may('read', ['a', 'b'])]).toEqual(['planner', true]);
    clock.advance(1);
    expect(await reasonOf(() => gatekeeper.admit(`Bearer ${token}`, undefined))).toBe('CREDENTIALS_EXPIRED');
  });

  test.each(['', 'Bearer', 'Basic abc', 'Bearer a b', 'Bearer hl_x', 'Bearer a, Bearer b'])(
    'is nothing where it is written as %j',
    async (header) => {
      const { gatekeeper } = open();
      expect(await reasonOf(() => gatekeeper.admit(header, undefined))).toBe('CREDENTIALS_INVALID');
    },
  );

  test('that was revoked is refused though it was seen before', async () => {
    const { token } = newToken(systemRandom);
    const { gatekeeper } = open([stored(token)]);
    await gatekeeper.admit(`Bearer ${token}`, undefined);
    gatekeeper.change({ policy, tokens: [], keyFiles: new Map() });
    expect(await reasonOf(() => gatekeeper.admit(`Bearer ${token}`, undefined))).toBe('CREDENTIALS_INVALID');
  });
});

describe('a JSON Web Token', () => {
  const claims = { iss: issuer, aud: 'broker', sub: 'agent' };

  test('of an issuer is its subject, with the prefix', async () => {
    const { gatekeeper } = open();
    expect((await gatekeeper.admit(await signed(claims), undefined)).name).toBe('jwt:agent');
  });

  test('is refused for each thing that is wrong with it', async () => {
    const { gatekeeper, clock } = open();
    const other = await generateKeyPair('ES256');
    const rsa = await generateKeyPair('RS256');
    const none = `Bearer ${new UnsecuredJWT({ ...claims }).setExpirationTime('1h').encode()}`;
    const cases: readonly (readonly [string, string, string])[] = [
      ['another audience', await signed({ ...claims, aud: 'other' }), 'CREDENTIALS_INVALID'],
      ['another issuer', await signed({ ...claims, iss: 'https://evil.example/' }), 'CREDENTIALS_INVALID'],
      ['no issuer', await signed({ ...claims, iss: undefined }), 'CREDENTIALS_INVALID'],
      ['no subject', await signed({ ...claims, sub: undefined }), 'CREDENTIALS_INVALID'],
      ['another key', await signed(claims, { by: other.privateKey }), 'CREDENTIALS_INVALID'],
      [
        'another algorithm',
        await signed(claims, { by: rsa.privateKey, alg: 'RS256' }),
        'CREDENTIALS_INVALID',
      ],
      ['no signature', none, 'CREDENTIALS_INVALID'],
      ['not yet valid', await signed({ ...claims, nbf: 1_050 }), 'CREDENTIALS_INVALID'],
    ];
    for (const [what, header, reason] of cases)
      expect([what, await reasonOf(() => gatekeeper.admit(header, undefined))]).toEqual([what, reason]);
    clock.advance(100_000);
    expect(await reasonOf(async () => gatekeeper.admit(await signed(claims), undefined))).toBe(
      'CREDENTIALS_EXPIRED',
    );
  });

  test('is verified anew when the keys of its issuer are others', async () => {
    const { gatekeeper } = open();
    const header = await signed(claims);
    await gatekeeper.admit(header, undefined);
    gatekeeper.change({ policy, tokens: [], keyFiles: new Map([['keys.json', { keys: [] }]]) });
    expect(await reasonOf(() => gatekeeper.admit(header, undefined))).toBe('CREDENTIALS_INVALID');
  });
});

describe('a certificate', () => {
  const names: CertificateNames = {
    uris: ['spiffe://team/planner'],
    dnsNames: ['planner.team'],
    emails: [],
    commonName: 'planner',
    expiresMs: 2_000_000,
  };

  test('is the name that is asked for, if there is exactly one', async () => {
    const { gatekeeper } = open();
    expect((await gatekeeper.admit(undefined, names)).name).toBe('cert:spiffe://team/planner');
    for (const uris of [[], ['a', 'b']])
      expect(await reasonOf(() => gatekeeper.admit(undefined, { ...names, uris }))).toBe(
        'CREDENTIALS_INVALID',
      );
  });

  test('does not stand in for a token that is wrong', async () => {
    const { gatekeeper } = open();
    expect(await reasonOf(() => gatekeeper.admit('Bearer wrong', names))).toBe('CREDENTIALS_INVALID');
  });
});

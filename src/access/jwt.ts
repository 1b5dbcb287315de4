/** JSON Web Tokens of the issuers that a policy names: signature, issuer, audience, algorithm and times are all checked. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import {
  authorBytesMax,
  jwksAgeMsMax,
  jwksBytesMax,
  jwksCooldownMs,
  jwksFetchMsMax,
  jwtSkewMsMax,
} from '../base/limits.ts';
import { reject } from '../state/outcome.ts';
import { utf8Length } from '../trie/path.ts';
import type { JwtIssuer } from './policy.ts';
import { isJwksAddress } from './policy-file.ts';
import { expiredCredentials, invalidCredentials, NotAdmitted } from './refusals.ts';

/** Whom a token is of. */
export interface JwtHolder {
  readonly name: string;
  readonly groups: readonly string[];
  readonly expiresMs: number;
}

export interface JwtIssuersOptions {
  readonly issuers: readonly JwtIssuer[];
  /** Key sets of the issuers whose keys are in files, by file: JSON. */
  readonly keyFiles: ReadonlyMap<string, JSONWebKeySet>;
}

export class JwtIssuers {
  readonly #issuers = new Map<string, { readonly rule: JwtIssuer; readonly keys: JWTVerifyGetKey }>();

  constructor({ issuers, keyFiles }: JwtIssuersOptions) {
    for (const rule of issuers) this.#issuers.set(rule.issuer, { rule, keys: keysOf(rule, keyFiles) });
  }

  /** Rejects with {@link NotAdmitted}. */
  async verify(token: string, nowMs: number): Promise<JwtHolder> {
    const found = this.#issuers.get(issuerOf(token));
    // Which issuers are known is nobody's business.
    if (found === undefined) throw invalidCredentials('the token is of no issuer that this broker trusts');
    const { rule, keys } = found;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        issuer: rule.issuer,
        audience: [...rule.audience],
        algorithms: [...rule.algorithms],
        requiredClaims: ['exp'],
        clockTolerance: jwtSkewMsMax / 1_000,
        currentDate: new Date(nowMs),
      }));
    } catch (error) {
      throw refusalOf(error);
    }
    return holderOf(payload, rule);
  }
}

function keysOf({ jwks }: JwtIssuer, keyFiles: JwtIssuersOptions['keyFiles']): JWTVerifyGetKey {
  if (!isJwksAddress(jwks)) return createLocalJWKSet(keyFiles.get(jwks) ?? { keys: [] });
  return createRemoteJWKSet(new URL(jwks), {
    cacheMaxAge: jwksAgeMsMax,
    cooldownDuration: jwksCooldownMs,
    timeoutDuration: jwksFetchMsMax,
    [customFetch]: fetchBounded,
  });
}

/** As `fetch`, but for what is too large for a key set. It follows no redirect: keys come from where the file of access says, or not at all. */
async function fetchBounded(...request: Parameters<FetchImplementation>): Promise<Response> {
  const response = await fetch(...request);
  const { status, body } = response;
  if (status !== 200) {
    await body?.cancel();
    return new Response(null, { status: status >= 200 && status < 600 ? status : 502 });
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early ends the download.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > jwksBytesMax) throw new RangeError(`a key set of more than ${jwksBytesMax} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status });
}

/** The issuer that a token claims. Nothing else of it is believed before it is verified by that issuer's keys. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw invalidCredentials('the token is neither of this broker nor a JSON Web Token');
  }
}

function holderOf(payload: JWTPayload, { principalClaim, groupsClaim, prefix }: JwtIssuer): JwtHolder {
  const claimed = payload[principalClaim];
  if (typeof claimed !== 'string' || claimed === '')
    throw invalidCredentials(`the token has no text in its claim ${principalClaim}`);
  const name = prefix + claimed;
  if (!name.isWellFormed() || utf8Length(name) > authorBytesMax)
    throw invalidCredentials(
      `the name in the claim ${principalClaim} is longer than ${authorBytesMax} bytes`,
    );
  const groups = [payload[groupsClaim] ?? []].flat().filter((each) => typeof each === 'string');
  return { name, groups: groups.map((group) => prefix + group), expiresMs: (payload.exp ?? 0) * 1_000 };
}

function refusalOf(error: unknown): Error {
  if (error instanceof NotAdmitted) return error;
  if (error instanceof errors.JWTExpired) return expiredCredentials('the token');
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalidCredentials(`the claim ${error.claim} of the token is not as it must be`);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed)
    return invalidCredentials('the token is not signed with a key of its issuer');
  if (error instanceof errors.JOSEAlgNotAllowed)
    return invalidCredentials('the token is signed with an algorithm that is not allowed for its issuer');
  // Nothing of it is the token's fault.
  const isIssuers =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    !(error instanceof errors.JOSEError) ||
    error.code === 'ERR_JOSE_GENERIC';
  if (isIssuers)
    return new NotAdmitted(reject('NOT_SERVING', "the issuer's keys cannot be had now; call again"));
  return invalidCredentials('the token is no valid JSON Web Token');
}

/**
 * Goal: keys of an issuer come over HTTPS, are kept, follow their rotation while the broker runs, and are missed without harm: an endpoint that
 * is away, redirects, answers with too much or is somebody else lets nobody in, and is no refusal for good. Method: a real HTTPS server; `Date`
 * is moved by hand, because the library that keeps the keys looks at it.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { renewedTls, strangerTls } from '../../test/access/certificates.ts';
import { jwksAgeMsMax, jwksBytesMax, jwksCooldownMs } from '../base/limits.ts';
import { JwtIssuers } from './jwt.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const authorities = getCACertificates();
let server: Server;
let port = 0;
let asked: string[] = [];
let answer: Answer;
const keys = new Map<string, { readonly sign: CryptoKey; readonly jwk: JWK }>();

beforeAll(async () => {
  setDefaultCACertificates([...authorities, renewedTls.certificate]);
  for (const kid of ['old', 'new']) {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    keys.set(kid, { sign: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } });
  }
});
afterAll(() => setDefaultCACertificates(authorities));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  asked = [];
  answer = told('old');
  await listen();
});
afterEach(async () => {
  vi.useRealTimers();
  await close();
});

async function listen(tls: { key: string; certificate: string } = renewedTls): Promise<void> {
  server = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

async function close(): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** Answers with public keys. */
function told(...kids: readonly string[]): Answer {
  return (_request, response) =>
    response.end(JSON.stringify({ keys: kids.map((kid) => keys.get(kid)?.jwk) }));
}

function issuers(path = '/keys.json'): JwtIssuers {
  const rule = {
    issuer: 'https://login.example.com/',
    audience: ['broker'],
    algorithms: ['ES256'],
    jwks: `https://localhost:${port}${path}`,
    principalClaim: 'sub',
    groupsClaim: 'groups',
    prefix: 'login:',
  };
  return new JwtIssuers({ issuers: [rule], keyFiles: new Map() });
}

async function verify(by: JwtIssuers, kid: string): Promise<string> {
  const key = keys.get(kid);
  if (key === undefined) throw new Error(kid);
  const seconds = Math.floor(Date.now() / 1_000);
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer('https://login.example.com/')
    .setAudience('broker')
    .setSubject('planner')
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 60)
    .sign(key.sign);
  return (await by.verify(token, Date.now())).name;
}

const away = { rejection: { reason: 'NOT_SERVING' } };
const invalid = { rejection: { reason: 'CREDENTIALS_INVALID' } };

function pass(durationMs: number): void {
  vi.setSystemTime(Date.now() + durationMs);
}

test('keys are asked for once, and again when they have aged', async () => {
  const by = issuers();
  const names = await Promise.all(Array.from({ length: 20 }, () => verify(by, 'old')));
  expect(new Set(names)).toEqual(new Set(['login:planner']));
  expect(asked).toEqual(['/keys.json']);
  pass(jwksAgeMsMax + 1);
  await verify(by, 'old');
  expect(asked).toHaveLength(2);
});

test('a rotation is followed while the broker runs, and unknown keys make it ask seldom', async () => {
  const by = issuers();
  await verify(by, 'old');
  answer = told('old', 'new');
  await expect(verify(by, 'new')).rejects.toMatchObject(invalid);
  expect(asked).toHaveLength(1);
  pass(jwksCooldownMs + 1);
  expect(await verify(by, 'new')).toBe('login:planner');
  expect(await verify(by, 'old')).toBe('login:planner');
  // The old one is withdrawn: it is believed until the keys that are kept have aged, and no longer.
  answer = told('new');
  pass(jwksAgeMsMax + 1);
  expect(await verify(by, 'new')).toBe('login:planner');
  await expect(verify(by, 'old')).rejects.toMatchObject(invalid);
});

test('an endpoint that is away keeps nobody out whose key is known, is no refusal for good, and is asked again', async () => {
  const by = issuers();
  await verify(by, 'old');
  await close();
  pass(jwksAgeMsMax / 2);
  expect(await verify(by, 'old')).toBe('login:planner');
  pass(jwksAgeMsMax);
  await expect(verify(by, 'old')).rejects.toMatchObject(away);
  await listen();
  expect(await verify(by, 'old')).toBe('login:planner');
});

test.each([301, 302, 307, 308])('a redirect (%d) is not followed', async (status) => {
  answer = ({ url }, response) => {
    if (url === '/elsewhere') return told('old')({} as IncomingMessage, response);
    response.writeHead(status, { location: `https://localhost:${port}/elsewhere` });
    response.end();
  };
  await expect(verify(issuers(), 'old')).rejects.toMatchObject(away);
  expect(asked).toEqual(['/keys.json']);
});

test('an answer without an end is left as soon as it is too large', async () => {
  let sent = 0;
  const ended = Promise.withResolvers<void>();
  answer = (_request, response) => {
    response.on('close', ended.resolve);
    const chunk = Buffer.alloc(16 * 1024, ' ');
    const more = (): void => {
      while (!response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on('drain', more);
    more();
  };
  await expect(verify(issuers(), 'old')).rejects.toMatchObject(away);
  await ended.promise;
  // What is on its way is no more than buffers hold.
  expect(sent).toBeLessThan(100 * jwksBytesMax);
});

test('an endpoint that hangs, before its answer or in it, is given up, keeps nobody waiting whose key is known, and is asked again', async () => {
  const known = issuers();
  await verify(known, 'old');
  const [silent, stuck] = [issuers('/silent'), issuers('/stuck')];
  const left: Promise<void>[] = [];
  answer = ({ url }, response) => {
    left.push(new Promise((resolve) => response.on('close', resolve)));
    if (url === '/stuck') response.write('{"keys": [');
  };
  const refused = [silent, silent, stuck].map((by) => expect(verify(by, 'old')).rejects.toMatchObject(away));
  expect(await verify(known, 'old')).toBe('login:planner');
  // Both come to an end by themselves, and with it their connections.
  await Promise.all(refused);
  await Promise.all(left);
  expect(asked.toSorted()).toEqual(['/keys.json', '/silent', '/stuck']);
  answer = told('old');
  for (const by of [silent, stuck]) expect(await verify(by, 'old')).toBe('login:planner');
});

test.each([
  ['no JSON', 'keys'],
  ['no key set', '{"keys": 1}'],
  ['an answer that says 500', ''],
])('%s lets nobody in', async (_what, text) => {
  answer = (_request, response) => {
    response.statusCode = text === '' ? 500 : 200;
    response.end(text);
  };
  const by = issuers();
  await expect(verify(by, 'old')).rejects.toMatchObject(away);
  answer = told('old');
  expect(await verify(by, 'old')).toBe('login:planner');
});

test('a server that nobody vouches for is not believed', async () => {
  await close();
  await listen(strangerTls);
  await expect(verify(issuers(), 'old')).rejects.toMatchObject(away);
  expect(asked).toEqual([]);
});

/**
 * Goal: certificates say who calls, and are renewed while the broker runs. Method: real connections, with certificates of an authority, of a stranger, and none; and
 * files that are replaced while connections publish.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Client, type TlsOptions } from '../../clients/typescript/src/index.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { testTls } from '../support/tls.ts';
import { clientTls, renewedTls, strangerTls } from './certificates.ts';

let folder: string;
let broker: TestBroker;
const clients: Client[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hyperloom-tls-'));
  writeFileSync(join(folder, 'ca.pem'), clientTls.authority);
  put(testTls);
  const policy = {
    version: 1,
    grants: [{ principals: 'spiffe://team/planner', paths: '/a/**', may: ['read', 'write'] }],
    certificates: { principal: 'uri' },
  };
  writeFileSync(join(folder, 'access.yaml'), JSON.stringify(policy));
  broker = await startTestBroker({
    settings: {
      access: join(folder, 'access.yaml'),
      tokens: join(folder, 'tokens.json'),
      'tls-cert': join(folder, 'cert.pem'),
      'tls-key': join(folder, 'key.pem'),
      'tls-client-ca': join(folder, 'ca.pem'),
      'tls-client-cert': 'optional',
    },
  });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

function put({ certificate, key }: { readonly certificate: string; readonly key: string }): void {
  writeFileSync(join(folder, 'cert.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key);
}

function client(own: TlsOptions, authority = testTls.certificate): Client {
  const tls = { ...own, authority };
  const opened = connect(`https://localhost:${broker.broker.address.port}`, {
    tls,
    retry: false,
    timeoutMs: 30_000,
  });
  clients.push(opened);
  return opened;
}

describe('a client certificate', () => {
  test('is its principal, with what is granted to it', async () => {
    const planner = client(clientTls);
    await planner.put('/a/x', 1);
    expect((await planner.get('/a/x')).author).toBe('spiffe://team/planner');
    await expect(planner.put('/b', 1)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('of another authority is not taken', async () => {
    await expect(client(strangerTls).get('/a/x')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('may be left out, and then nobody is known', async () => {
    await expect(client({}).get('/a/x')).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'CREDENTIALS_MISSING',
    });
  });
});

/** The certificate that the broker shows to new connections. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = broker.broker.address;
    const socket = connectTls(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] },
      () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

test('renewed certificates are taken over while connections work, and none of those is lost', async () => {
  const planner = client(clientTls);
  const before = await shown();
  let published = 0;
  const renewal = new AbortController();
  const load = (async () => {
    while (!renewal.signal.aborted) {
      await planner.put(`/a/n${published % 10}`, published);
      published += 1;
    }
  })();
  put({ certificate: renewedTls.certificate, key: testTls.key });
  while (!broker.log.some((line) => line.includes('those before stay in force'))) await planner.get('/a/x');
  expect(await shown()).toBe(before);
  put(renewedTls);
  while ((await shown()) === before) await planner.get('/a/x');
  renewal.abort();
  await load;
  expect(published).toBeGreaterThan(0);
  await planner.put('/a/after', 1);
  await client(clientTls, renewedTls.certificate).put('/a/new', 1);
});

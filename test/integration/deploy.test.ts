/**
 * Goal: what docs/deploy gives containers works without one: the health check tells a broker that is ready from one that is not, and the
 * Compose file says what it means. Method: the check as a process against brokers in this one; the file read as YAML.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { settingInfos, variableOf } from '../../src/config.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';
import { HeldClock } from '../support/held-clock.ts';
import { testTls } from '../support/tls.ts';

const docker = fileURLToPath(new URL('../../docs/deploy/docker/', import.meta.url));

/** The exit code of the check in the environment of a container whose broker listens there. */
async function check({ broker }: TestBroker, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const env = { ...process.env, HYPERLOOM_LISTEN: `0.0.0.0:${broker.address.port}`, ...more };
  const child = spawn(process.execPath, [join(docker, 'healthcheck.mjs')], { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test('the health check of the container says when a broker is ready, and when it drains', async () => {
  const clock = new HeldClock();
  const broker = await startTestBroker({ clock, settings: { 'drain-notice-ms': '200000' } });
  expect(await check(broker)).toBe(0);
  const stopped = broker.broker.stop();
  expect(await check(broker)).toBe(1);
  clock.fire(200_000);
  await stopped;
  expect(await check(broker)).toBe(1);
});

test('the health check speaks TLS where the broker does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-health-'));
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  await Promise.all([writeFile(certificate, testTls.certificate), writeFile(key, testTls.key)]);
  const broker = await startTestBroker({ settings: { 'tls-cert': certificate, 'tls-key': key } });
  expect(await check(broker)).toBe(1);
  expect(await check(broker, { HYPERLOOM_TLS_CERT: certificate })).toBe(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
  readonly volumes: object;
}

test('the Compose file has three of each, and sets what there is to set', async () => {
  const text = await readFile(join(docker, 'compose.yaml'), 'utf8');
  const { services, volumes } = parse(text, { merge: true, strict: true }) as Compose;
  const names = ['nats-1', 'nats-2', 'nats-3'];
  expect(Object.keys(services)).toEqual([...names, 'broker-1', 'broker-2', 'broker-3']);
  expect(Object.keys(volumes)).toEqual(names);
  const known = new Set(settingInfos.map(({ name }) => variableOf(name)));
  for (const { environment = {} } of Object.values(services))
    for (const name of Object.keys(environment)) expect(known, name).toContain(name);
  for (const number of [1, 2, 3])
    expect(services[`broker-${number}`]?.environment).toMatchObject({
      HYPERLOOM_JOURNAL: 'nats://nats-1:4222,nats-2:4222,nats-3:4222?replicas=3',
    });
});

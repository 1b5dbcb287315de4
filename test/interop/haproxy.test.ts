/**
 * Goal: a broker behind HAProxy serves gRPC through plain-text HTTP/2, and Connect and gRPC-Web through HTTP/1.1, which HAProxy
 * may turn into HTTP/2. Method: the real HAProxy in front of a broker in this process.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type InteropBroker, startInteropBroker } from './broker.ts';
import { freePorts } from '../../bench/harness/ports.ts';
import { Daemon, isListening } from './program.ts';
import { grpcWay, testWay, webWays } from './proxied.ts';

let broker: InteropBroker;
let aging: InteropBroker;
let haproxy: Daemon;
let folder: string;
const ports = { grpc: 0, web: 0, upgraded: 0, aging: 0 };
const url = (name: keyof typeof ports) => () => `http://127.0.0.1:${ports[name]}`;

beforeAll(async () => {
  [broker, aging, folder] = await Promise.all([
    startInteropBroker(),
    startInteropBroker({ 'connection-age-ms-max': '1000' }),
    mkdtemp(join(tmpdir(), 'hyperloom-haproxy-')),
  ]);
  [ports.grpc = 0, ports.web = 0, ports.upgraded = 0, ports.aging = 0] = await freePorts(4);
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, settings());
  haproxy = new Daemon('haproxy', ['-db', '-q', '-f', file]);
  await haproxy.ready(() => isListening(ports.aging));
});
afterAll(async () => {
  await haproxy.stop();
  expect([...broker.fatal, ...aging.fatal, ...broker.log, ...aging.log]).toEqual([]);
  await Promise.all([broker.close(), aging.close(), rm(folder, { recursive: true })]);
});

describe.each([grpcWay(url('grpc')), ...webWays(url('web'))])('$name', (way) => {
  testWay(way, () => broker);
});

describe.each(webWays(url('upgraded')))('$name in front, HTTP/2 behind', (way) => {
  testWay(way, () => broker);
});

describe('gRPC to a broker that ends its connections after a second', () => {
  testWay(grpcWay(url('aging')), () => aging);
});

function settings(): string {
  return `
global
  maxconn 2000
  # Subscriptions take a stream each for as long as they live; the default is 100.
  tune.h2.max-concurrent-streams 1000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  # Without it the broker goes on with streams whose client is gone.
  option abortonclose
listen grpc
  bind 127.0.0.1:${ports.grpc} proto h2
  server broker 127.0.0.1:${broker.port} proto h2
listen web
  bind 127.0.0.1:${ports.web}
  server broker 127.0.0.1:${broker.port}
listen upgraded
  bind 127.0.0.1:${ports.upgraded}
  server broker 127.0.0.1:${broker.port} proto h2
listen aging
  bind 127.0.0.1:${ports.aging} proto h2
  server broker 127.0.0.1:${aging.port} proto h2
`;
}

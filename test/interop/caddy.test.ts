/**
 * Goal: a broker behind Caddy serves gRPC through plain-text HTTP/2, and Connect and gRPC-Web through HTTP/1.1. Method: the real Caddy in
 * front of a broker in this process, with the settings that docs/deploy shows.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type InteropBroker, startInteropBroker } from './broker.ts';
import { grpcWay, testWay, webWays } from './proxied.ts';
import { Proxy } from './proxy.ts';

let broker: InteropBroker;
let aging: InteropBroker;
let proxy: Proxy;
let agingProxy: Proxy;
const url = (through: () => Proxy) => () => `http://127.0.0.1:${through().plainPort}`;

beforeAll(async () => {
  [broker, aging] = await Promise.all([
    startInteropBroker(),
    startInteropBroker({ 'connection-age-ms-max': '1000' }),
  ]);
  [proxy, agingProxy] = await Promise.all([
    Proxy.start({ kind: 'caddy', broker: broker.port }),
    Proxy.start({ kind: 'caddy', broker: aging.port }),
  ]);
});
afterAll(async () => {
  await Promise.all([proxy.stop(), agingProxy.stop()]);
  expect([...broker.fatal, ...aging.fatal, ...broker.log, ...aging.log]).toEqual([]);
  await Promise.all([broker.close(), aging.close()]);
});

describe.each([grpcWay(url(() => proxy)), ...webWays(url(() => proxy))])('$name', (way) => {
  testWay(way, () => broker);
});

describe('gRPC to a broker that ends its connections after a second', () => {
  testWay(grpcWay(url(() => agingProxy)), () => aging);
});

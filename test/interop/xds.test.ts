/**
 * Goal: clients that speak xDS find brokers by it, without a proxy, and follow what the control plane says: grpc-go by the Go SDK, grpcio by
 * the Python SDK, and @grpc/grpc-js with @grpc/grpc-js-xds. Method: a control plane of go-control-plane, two brokers that each know only who
 * they are, and calls until both have answered; then until only the one that is left does.
 */
import { register } from '@grpc/grpc-js-xds';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putText } from '../support/broker.ts';
import { type InteropBroker, startInteropBroker } from './broker.ts';
import { GrpcJsReader } from './grpc-js-reader.ts';
import { Lines } from './lines.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
/** Where the programs of test/deploy lie: built by the step that runs this. */
const tools = process.env['DEPLOY_TOOLS'] ?? '';
const target = 'xds:///hyperloom';

const pythonClient = `
import asyncio, sys, hyperloom

async def main():
    async with hyperloom.connect(sys.argv[1], track_basis=False) as client:
        for _ in sys.stdin:
            print((await client.get("/who")).value, flush=True)

asyncio.run(main())
`;

let folder: string;
let brokers: readonly InteropBroker[];
let plane: Lines;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-xds-'));
  brokers = await Promise.all([startInteropBroker(), startInteropBroker()]);
  for (const [index, { context }] of brokers.entries())
    await context.publish({ operations: [putText('/who', `broker ${index}`)] });
  plane = new Lines(join(tools, 'controlplane'), []);
  const bootstrap = {
    xds_servers: [
      {
        server_uri: `127.0.0.1:${await plane.next()}`,
        channel_creds: [{ type: 'insecure' }],
        server_features: ['xds_v3'],
      },
    ],
    node: { id: 'hyperloom-test', locality: { zone: 'here' } },
  };
  const file = join(folder, 'bootstrap.json');
  await writeFile(file, JSON.stringify(bootstrap));
  process.env['GRPC_XDS_BOOTSTRAP'] = file;
});
afterAll(async () => {
  plane.end();
  await Promise.all(brokers.map((broker) => broker.close()));
  await rm(folder, { recursive: true });
});

describe.each([
  ['grpc-go, by the Go SDK', () => new Lines(join(tools, 'client'), [target])],
  ['grpcio, by the Python SDK', () => new Lines(python, ['-c', pythonClient, target])],
  ['@grpc/grpc-js-xds', () => inJavaScript()],
] as const)('%s', (_name, open) => {
  test('finds the brokers, takes each in turn, and goes where it is led next', async () => {
    plane.say(brokers.map(({ port }) => `127.0.0.1:${port}`).join(' '));
    const client = open();
    try {
      const seen = new Set<string>();
      while (seen.size < 2) seen.add(await client.ask());
      expect([...seen].sort()).toEqual(['broker 0', 'broker 1']);
      plane.say(`127.0.0.1:${brokers[1]?.port}`);
      // What was said takes a moment to arrive; from then on nothing else comes.
      for (let inARow = 0; inARow < 20;) inARow = (await client.ask()) === 'broker 1' ? inARow + 1 : 0;
    } finally {
      client.end();
    }
  });
});

function inJavaScript(): GrpcJsReader {
  register();
  return new GrpcJsReader(target);
}

/**
 * Goal: every SDK says in a header which forest a call is about, streams and the default forest included. Method: a server that answers with
 * the header that it got, and the SDKs for TypeScript, Python and Go.
 */
import { create } from '@bufbuild/protobuf';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../clients/typescript/src/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import {
  ContextService,
  GetResponseSchema,
  SubscribeResponseSchema,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { Http2Transport } from '../../src/rpc/http2/http2-transport.ts';
import { type Call, defineMethod } from '../../src/rpc/transport.ts';
import { Lines } from './lines.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
/** Where the programs of test/deploy lie: built by the step that runs this. */
const tools = process.env['DEPLOY_TOOLS'] ?? '';

const pythonClient = `
import asyncio, sys, hyperloom

async def main():
    async with hyperloom.connect(sys.argv[1], forest=sys.argv[2]) as client:
        for _ in sys.stdin:
            print((await client.get("/who")).value, flush=True)

asyncio.run(main())
`;

const streams: string[] = [];
const said = (call: Call): string => call.metadata.get('hyperloom-forest') ?? 'nothing';
const methods = [
  defineMethod({
    kind: 'unary',
    descriptor: ContextService.method.get,
    handle: (_request, call) =>
      create(GetResponseSchema, { node: { value: { kind: { case: 'text', value: said(call) } } } }),
  }),
  defineMethod({
    kind: 'server_streaming',
    descriptor: ContextService.method.subscribe,
    async handle(_request, sink, call) {
      streams.push(`subscribe ${said(call)}`);
      sink.write(create(SubscribeResponseSchema, { message: { case: 'bookmark', value: {} } }));
      await new Promise<void>((resolve) => call.onCancel(resolve));
    },
  }),
  defineMethod({
    kind: 'bidi_streaming',
    descriptor: ContextService.method.publishStream,
    async handle(_source, _sink, call) {
      streams.push(`publish ${said(call)}`);
      await new Promise<void>((resolve) => call.onCancel(resolve));
    },
  }),
];

let transport: Http2Transport;
let address: string;
beforeAll(async () => {
  transport = new Http2Transport({ clock: systemClock, methods });
  address = `127.0.0.1:${(await transport.listen({ host: '127.0.0.1', port: 0 })).port}`;
});
afterAll(() => transport.close(0));

test.each([
  ['Python', () => new Lines(python, ['-c', pythonClient, address, 'plans']), 'plans'],
  ['Python, the default', () => new Lines(python, ['-c', pythonClient, address, 'default']), 'default'],
  ['Go, the default', () => new Lines(join(tools, 'client'), [address]), 'default'],
] as const)('%s', async (_name, open, forest) => {
  const client = open();
  try {
    expect(await client.ask()).toBe(forest);
  } finally {
    client.end();
  }
});

test('TypeScript, with streams, for the forest of each call', async () => {
  const client = connect(address, { forest: 'plans' });
  try {
    expect((await client.get('/who')).value).toBe('plans');
    expect((await client.as({ forest: 'default' }).get('/who')).value).toBe('default');
    client.put('/a', 'x').catch(() => undefined);
    const items = client.subscribe('/a', { bookmarks: true })[Symbol.asyncIterator]();
    await items.next();
    expect(streams.toSorted()).toEqual(['publish plans', 'subscribe plans']);
  } finally {
    client.destroy();
  }
});

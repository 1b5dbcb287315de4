/**
 * Goal: gRPC's own clients repeat by the service configs that docs/deploy publishes what a broker that stops, or is busy coming back, has
 * refused; and hedge where they can. Method: a server that refuses the first calls, or leaves the first one without an answer, with
 * grpc-js, grpcio and grpc-go, none of which has anything of an SDK.
 */
import { create } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import {
  ContextService,
  type GetResponse,
  GetResponseSchema,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { Http2Transport } from '../../src/rpc/http2/http2-transport.ts';
import { Health, readiness } from '../../src/rpc/standard/health.ts';
import { defineMethod, RpcError } from '../../src/rpc/transport.ts';
import { GrpcJsReader } from './grpc-js-reader.ts';
import { Lines } from './lines.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
/** Where the programs of test/deploy lie: built by the step that runs this. */
const tools = process.env['DEPLOY_TOOLS'] ?? '';
const retrying = fileURLToPath(new URL('../../docs/deploy/service-config.json', import.meta.url));
const hedging = fileURLToPath(new URL('../../docs/deploy/service-config-hedging.json', import.meta.url));

const pythonClient = `
import sys, grpc
from hyperloom._gen.v1 import context_service_pb2 as messages

with grpc.insecure_channel(sys.argv[1], options=[("grpc.service_config", open(sys.argv[2]).read())]) as channel:
    get = channel.unary_unary(
        "/hyperloom.v1.ContextService/Get",
        request_serializer=messages.GetRequest.SerializeToString,
        response_deserializer=messages.GetResponse.FromString,
    )
    for _ in sys.stdin:
        print(get(messages.GetRequest(path="/who")).node.value.text, flush=True)
`;

const inJavaScript = (address: string, file: string): GrpcJsReader =>
  new GrpcJsReader(address, { 'grpc.service_config': readFileSync(file, 'utf8') });

const running: Http2Transport[] = [];
afterEach(async () => {
  for (const transport of running.splice(0)) await transport.close(0);
});

/** A server of `Get` alone; `serve` is told which call it is, from 1. */
async function start(serve: (call: number) => Promise<GetResponse>): Promise<string> {
  const health = new Health([]);
  health.set(readiness, true);
  let calls = 0;
  const get = defineMethod({
    kind: 'unary',
    descriptor: ContextService.method.get,
    handle: () => {
      calls += 1;
      return serve(calls);
    },
  });
  const transport = new Http2Transport({ clock: systemClock, methods: [get, ...health.methods] });
  running.push(transport);
  const { port } = await transport.listen({ host: '127.0.0.1', port: 0 });
  return `127.0.0.1:${port}`;
}

function told(text: string): GetResponse {
  return create(GetResponseSchema, { node: { value: { kind: { case: 'text', value: text } } } });
}

describe.each([
  ['grpc-js', inJavaScript],
  ['grpcio', (address: string, file: string) => new Lines(python, ['-c', pythonClient, address, file])],
  ['grpc-go', (address: string, file: string) => new Lines(join(tools, 'plain'), [address, file])],
] as const)('%s', (_name, open) => {
  test('repeats a call that was refused with UNAVAILABLE', async () => {
    const address = await start(async (call) => {
      if (call < 3) throw new RpcError('UNAVAILABLE', 'the broker stops');
      return told(`call ${call}`);
    });
    const client = open(address, retrying);
    try {
      expect(await client.ask()).toBe('call 3');
    } finally {
      client.end();
    }
  });
});

test('grpc-js asks a second time where the first answer does not come', async () => {
  const address = await start((call) =>
    call === 1 ? new Promise(() => undefined) : Promise.resolve(told(`call ${call}`)),
  );
  const client = inJavaScript(address, hedging);
  try {
    expect(await client.ask()).toBe('call 2');
  } finally {
    client.end();
  }
});

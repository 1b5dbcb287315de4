/** Durable publishes of 200 bytes as single calls: what the broker costs beyond HTTP/2 itself, and beside its peers. */
import { create, toBinary } from '@bufbuild/protobuf';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { root, toolEnvironment } from '../../scripts/step.ts';
import { PublishRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { startBroker } from '../harness/broker.ts';
import type { Case, Context, Subject } from '../harness/case.ts';
import { unaryLoad } from '../harness/load.ts';
import type { Load } from '../harness/load.ts';
import { encodePut, startEcho, startEtcd, startRedis } from '../peers/peers.ts';

const value = Buffer.from(
  'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200),
);
const path = '/session_1/agent_7/memory/note';

function publishMessage(): Uint8Array {
  const put = {
    action: { case: 'put' as const, value: { kind: { case: 'text' as const, value: value.toString() } } },
  };
  return toBinary(
    PublishRequestSchema,
    create(PublishRequestSchema, { operations: [{ path, ...put }], author: 'bench' }),
  );
}

/** What ghz learns the API from. */
export function schemaArguments(folder: string): readonly string[] {
  const file = join(folder, 'hyperloom.binpb');
  execFileSync('buf', ['build', '--as-file-descriptor-set', '--output', file], {
    cwd: root,
    env: toolEnvironment(),
  });
  return ['--protoset', file];
}

function unaryCase(inFlight: number, connections: number, figures: Case['figures']): Case {
  const loadOf = (context: Context): Load => {
    return { inFlight, connections, count: context.size(60_000, 400), isSmoke: context.isSmoke };
  };
  const broker = (name: string, flags: readonly string[]): Subject => ({
    name,
    async start(context) {
      const child = await startBroker(context, undefined, flags);
      const schema = schemaArguments(context.folder);
      const method = 'hyperloom.v1.ContextService/Publish';
      const call = { address: child.address, method, schema, message: publishMessage() };
      return {
        measure: () => unaryLoad(child, call, loadOf(context), context.folder),
        stop: () => child.end(),
      };
    },
  });
  return {
    name: `publish/unary/${inFlight}`,
    about: `A durable put of 200 bytes a call, ${inFlight} in flight on ${connections} connections (Redis: a connection for each). ghz sends the calls.`,
    subjects: [
      broker('hyperloom', []),
      broker('hyperloom, node:http2', ['--http2', 'node']),
      { name: 'http2 echo', start: (context) => startEcho(context, encodePut(path, value), loadOf(context)) },
      { name: 'etcd', start: (context) => startEtcd(context, value, loadOf(context)) },
      { name: 'Redis, appendfsync always', start: (context) => startRedis(context, value, loadOf(context)) },
    ],
    figures,
  };
}

/** See above. */
export const publishUnaryCases: readonly Case[] = [
  unaryCase(50, 4, [
    {
      text: 'server CPU a publish, as a multiple of the echo’s',
      metric: 'cpuUs',
      of: 'hyperloom',
      per: 'http2 echo',
      bound: { atMost: 1.4 },
    },
    {
      text: 'the same on node:http2',
      metric: 'cpuUs',
      of: 'hyperloom, node:http2',
      per: 'http2 echo',
      bound: { atMost: 1.4 },
    },
    {
      text: 'publishes a second, as a multiple of etcd’s puts',
      metric: 'perSecond',
      of: 'hyperloom',
      per: 'etcd',
      bound: { atLeast: 1.3 },
    },
    {
      text: 'the same on node:http2',
      metric: 'perSecond',
      of: 'hyperloom, node:http2',
      per: 'etcd',
      bound: { atLeast: 1.3 },
    },
  ]),
];

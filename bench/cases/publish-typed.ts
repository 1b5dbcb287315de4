/** What it costs that a value is checked: durable publishes of one message, with a schema at its path and without. */
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

import { PublishRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { SchemaService } from '../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { acme, encoded, messageOf, protobuf, putMessage } from '../../test/support/schemas.ts';
import { startBroker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Subject } from '../harness/case.ts';
import { unaryLoad } from '../harness/load.ts';
import type { Load } from '../harness/load.ts';
import { runLoad } from '../harness/script.ts';
import { schemaArguments } from './publish-unary.ts';

const source = `message ResearchNote {
  option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  string claim = 1 [(buf.validate.field).string.min_len = 1];
  repeated string sources = 2 [(buf.validate.field).repeated.max_items = 10];
  double confidence = 3 [(buf.validate.field).double = {gte: 0, lte: 1}];
}`;

/** About 200 bytes. */
const note = {
  claim: 'Three sources agree; the second one cites the first. '.repeat(2),
  sources: ['https://example.com/one', 'https://example.com/two', 'https://example.com/three'],
  confidence: 0.75,
};

const loadOf = (context: Context): Load => ({
  inFlight: 50,
  connections: 4,
  count: context.size(40_000, 400),
  isSmoke: context.isSmoke,
});

/** Durable puts through the TypeScript client, which pipelines them over one stream. */
function streamSubject(name: string, isTyped: boolean): Subject {
  return {
    name,
    async start(context) {
      const child = await startBroker(context);
      const set = acme(source);
      if (isTyped) await register(child.address, set);
      const type = messageOf(set, 'acme.v1.ResearchNote');
      const message = Buffer.from(encoded(type, note)).toString('base64');
      const count = context.size(200_000, 400);
      const load = (puts: number): Promise<Metrics> =>
        runLoad('typed-stream', child.address, puts, 1_000, `type.googleapis.com/${type.typeName}`, message);
      const measure = async (): Promise<Metrics> => {
        await load(Math.ceil(count / 10));
        const before = child.cpuUs();
        const seen = await load(count);
        return { cpuUs: (child.cpuUs() - before) / count, ...seen };
      };
      return { measure, stop: () => child.end() };
    },
  };
}

function subject(name: string, isTyped: boolean, flags: readonly string[]): Subject {
  return {
    name,
    async start(context) {
      const child = await startBroker(context, undefined, flags);
      const set = acme(source);
      if (isTyped) await register(child.address, set);
      const operations = [putMessage('/session_1/notes/a', messageOf(set, 'acme.v1.ResearchNote'), note)];
      const publish = create(PublishRequestSchema, { operations, author: 'bench' });
      const message = toBinary(PublishRequestSchema, publish);
      const schema = schemaArguments(context.folder);
      const method = 'hyperloom.v1.ContextService/Publish';
      const call = { address: child.address, method, schema, message };
      return {
        measure: () => unaryLoad(child, call, loadOf(context), context.folder),
        stop: () => child.end(),
      };
    },
  };
}

async function register(address: string, set: Uint8Array): Promise<void> {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const client = createClient(SchemaService, createGrpcTransport({ baseUrl, sessionManager }));
  await client.registerSchema({ name: 'notes', definition: protobuf(set) });
  sessionManager.abort();
}

/** See above. */
export const publishTypedCases: readonly Case[] = [
  {
    name: 'publish/typed',
    about:
      'A durable put of a message of some 200 bytes a call, 50 in flight on 4 connections: at a path with a schema and constraints, and the same bytes at a path without. ghz sends the calls. The same over one stream of the TypeScript client, 1,000 in flight.',
    subjects: [
      subject('untyped', false, []),
      subject('typed', true, []),
      streamSubject('untyped, stream', false),
      streamSubject('typed, stream', true),
    ],
    figures: [
      {
        text: 'server CPU a publish of a typed, constrained message, as a multiple of the same bytes untyped',
        metric: 'cpuUs',
        of: 'typed',
        per: 'untyped',
        bound: { atMost: 1.5 },
      },
      {
        text: 'the same over a stream',
        metric: 'cpuUs',
        of: 'typed, stream',
        per: 'untyped, stream',
        bound: { atMost: 1.5 },
      },
    ],
  },
];

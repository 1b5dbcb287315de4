/**
 * Goal: no RPC answers somebody whom the broker does not know, or who may not do what is asked. Method: all methods out of the
 * descriptors, over gRPC, gRPC-Web and Connect with both encodings, with no, wrong, expired, revoked and insufficient credentials.
 */
import { create } from '@bufbuild/protobuf';
import type { DescMethod, Message } from '@bufbuild/protobuf';
import { createClient, ConnectError, Code, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { ServerReflection } from '../../src/gen/grpc/reflection/v1/reflection_pb.ts';
import { Health } from '../../src/gen/grpc/health/v1/health_pb.ts';
import { putText } from '../support/broker.ts';
import { bearer, startGuardedBroker, type GuardedBroker } from './guarded-broker.ts';

const services = [ContextService, LockService, ReviewService, ForestService, SchemaService, ServerReflection];
const methods: readonly DescMethod[] = services.flatMap((service) => service.methods);

let guarded: GuardedBroker;
let nobody: string;
let expired: string;
let revoked: string;

beforeAll(async () => {
  guarded = await startGuardedBroker({
    grants: [{ principals: 'elsewhere', forests: 'other', paths: '/nowhere', may: 'read' }],
  });
  nobody = guarded.token('nobody');
  guarded.token('elsewhere');
  expired = guarded.token('expired', 1);
  revoked = `${nobody.slice(0, -1)}${nobody.endsWith('0') ? '1' : '0'}`;
  await known(nobody);
});
afterAll(() => guarded.close());

/** The broker has seen the newest tokens. */
async function known(token: string): Promise<void> {
  for (;;) {
    const refusal = await refusalOf(guarded.as(token).forests.getStatus({}));
    if (refusal.reason === 'PERMISSION_MISSING') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const kinds = ['grpc', 'grpc-web', 'connect', 'connect-json'] as const;

function transportOf(kind: (typeof kinds)[number], token: string | undefined): Transport {
  const baseUrl = guarded.broker.url;
  const options = {
    baseUrl,
    httpVersion: '2',
    interceptors: token === undefined ? [] : [bearer(token)],
  } as const;
  switch (kind) {
    case 'grpc':
      return createGrpcTransport(options);
    case 'grpc-web':
      return createGrpcWebTransport(options);
    case 'connect':
      return createConnectTransport({ ...options, useBinaryFormat: true });
    case 'connect-json':
      return createConnectTransport({ ...options, useBinaryFormat: false });
  }
}

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
    return { code: 'OK', reason: '' };
  } catch (error) {
    const refused = ConnectError.from(error);
    return { code: Code[refused.code], reason: refused.findDetails(ErrorInfoSchema)[0]?.reason ?? '' };
  }
}

/** Calls a method with empty requests, until its first answer. */
function call(method: DescMethod, transport: Transport): Promise<Refusal> {
  const client = createClient(method.parent, transport) as unknown as Record<
    string,
    (request: unknown) => unknown
  >;
  const invoke = client[method.localName];
  if (invoke === undefined) throw new Error(`no ${method.localName}`);
  // Without a diff there is nothing in it that could be allowed.
  const diff =
    method === ContextService.method.publishStream ? { publish: { operations: [putText('/a', 'b')] } } : {};
  const requests = (async function* () {
    yield create(method.input, diff);
  })();
  switch (method.methodKind) {
    case 'unary':
      return refusalOf(invoke(create(method.input)) as Promise<unknown>);
    case 'client_streaming':
      return refusalOf(invoke(requests) as Promise<unknown>);
    case 'server_streaming':
      return refusalOf(firstOf(invoke(create(method.input)) as AsyncIterable<Message>));
    case 'bidi_streaming':
      return refusalOf(firstOf(invoke(requests) as AsyncIterable<Message>));
  }
}

async function firstOf(answers: AsyncIterable<Message>): Promise<Message | undefined> {
  for await (const answer of answers) {
    // Refusals of single diffs come inside the stream.
    const outcome = (answer as { outcome?: { case?: string; value?: { code: number; reason: string } } })
      .outcome;
    if (outcome?.case === 'refused' && outcome.value !== undefined)
      throw Object.assign(new ConnectError('refused', outcome.value.code), {
        findDetails: () => [{ reason: outcome.value?.reason }],
      });
    return answer;
  }
  return undefined;
}

describe.each(kinds)('over %s', (kind) => {
  test.each(methods.map((method) => [`${method.parent.typeName}/${method.name}`, method] as const))(
    '%s knows nobody without good credentials',
    async (_name, method) => {
      const cases = [
        [undefined, 'CREDENTIALS_MISSING'],
        ['', 'CREDENTIALS_INVALID'],
        ['hl_wrong_wrong', 'CREDENTIALS_INVALID'],
        ['a.b.c', 'CREDENTIALS_INVALID'],
        [revoked, 'CREDENTIALS_INVALID'],
        [expired, 'CREDENTIALS_EXPIRED'],
      ] as const;
      for (const [token, reason] of cases)
        expect([token, await call(method, transportOf(kind, token))]).toEqual([
          token,
          { code: 'Unauthenticated', reason },
        ]);
    },
  );
});

/** What tells nothing of any forest, or only of those in which the caller may do something. */
const harmless = new Set(['ListForests', 'ServerReflectionInfo']);

describe.each(kinds)('over %s', (kind) => {
  test.each(methods.map((method) => [`${method.parent.typeName}/${method.name}`, method] as const))(
    '%s is nothing for somebody without grants',
    async (_name, method) => {
      const refusal = await call(method, transportOf(kind, nobody));
      if (harmless.has(method.name)) expect(refusal.code).toBe('OK');
      else if (refusal.code === 'InvalidArgument') {
        // A path that is none is said before anything is asked of anybody's rights; with one it is refused.
        const input = { ...create(method.input), path: '/a', paths: ['/a'] };
        expect(await refusalOf(unary(method, transportOf(kind, nobody), input))).toEqual(denied);
      } else expect(refusal).toEqual(denied);
    },
  );
});

const denied = { code: 'PermissionDenied', reason: 'PERMISSION_MISSING' };

function unary(method: DescMethod, transport: Transport, input: object): Promise<unknown> {
  const client = createClient(method.parent, transport) as unknown as Record<
    string,
    (request: unknown) => Promise<unknown>
  >;
  return client[method.localName]?.(input) ?? Promise.resolve();
}

test('health is there for everybody, so that probes need no secrets', async () => {
  const client = createClient(Health, transportOf('grpc', undefined));
  expect((await client.check({ service: '' })).status).toBe(1);
});

test('what is no RPC is refused too, but for what holds no state', async () => {
  const get = (path: string, token?: string): Promise<Response> =>
    fetch(
      guarded.broker.url + path,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );
  expect((await get('/metrics')).status).toBe(401);
  expect((await get('/metrics')).headers.get('www-authenticate')).toBe('Bearer');
  expect((await get('/metrics', expired)).status).toBe(401);
  expect((await get('/metrics', nobody)).status).toBe(403);
  expect((await get('/settings.json')).status).toBe(200);
  expect((await get('/mcp')).status).toBe(401);
  expect((await get('/mcp')).headers.get('www-authenticate')).toMatch(
    /^Bearer resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp"$/,
  );
  expect((await get('/mcp', revoked)).headers.get('www-authenticate')).toMatch(
    /^Bearer error="invalid_token", /,
  );
});

test('a Connect GET, whose request is in its address, is refused alike', async () => {
  const message = encodeURIComponent(JSON.stringify({ path: '/a' }));
  const url = `${guarded.broker.url}/hyperloom.v1.ContextService/Get?connect=v1&encoding=json&message=${message}`;
  const answer = await fetch(url);
  expect([answer.status, (await answer.json()) as object]).toMatchObject([401, { code: 'unauthenticated' }]);
});

test('a request of a stranger is not read: one that is no message is refused for its credentials', async () => {
  const answer = await fetch(`${guarded.broker.url}/hyperloom.v1.ContextService/Publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: 'no JSON and no gzip',
  });
  expect(answer.status).toBe(401);
});

/** The calls of a fuzzer: what is sent on one stream, right or wrong above HTTP/2, and what must come of it. */
import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { statusCodes } from '../../src/rpc/transport.ts';
import type { HeaderPair } from '../../src/transport/h2/header-template.ts';
import { type EchoRequest, EchoRequestSchema } from '../support/gen/echo_pb.ts';

/** What the fuzzed server takes in one message. */
export const messageBytesMax = 64 * 1024;

/** One reply, as far as it is compared. */
export interface ExpectedReply {
  readonly text: string;
  readonly count: number;
  readonly payloadBytes: number;
}

/** How a call of binary gRPC must end, and with which replies before. */
export interface Expected {
  readonly replies: readonly ExpectedReply[];
  readonly status: number;
}

export interface PlannedCall {
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Lengths of the DATA frames, taken in turn. */
  readonly cuts: readonly number[];
  readonly end: 'with data' | 'with empty data' | 'with trailers' | 'with a reset' | 'never';
  /** `undefined` where anything may come that the protocols allow. */
  readonly expected: Expected | undefined;
}

const methods = ['Unary', 'Lookup', 'ServerStream', 'ClientStream', 'BidiStream', 'Nowhere'] as const;
const types = [
  'application/grpc',
  'application/grpc',
  'application/grpc+proto',
  'application/grpc; charset=utf-8',
  'application/grpc+json',
  'application/grpc-web+proto',
  'application/grpc-web-text',
  'application/proto',
  'application/json',
  'application/connect+proto',
  'application/connect+json',
  'text/plain',
] as const;

const request = fc.record({
  text: fc.string({ maxLength: 20 }),
  payload: fc.uint8Array({ maxLength: 300 }),
  count: fc.nat(5),
  responseBytes: fc.constantFrom(0, 0, 0, 1, 2_000, 40_000),
  refuseWith: fc.constantFrom('', '', '', '', 'NOT_FOUND', 'RESOURCE_EXHAUSTED'),
  hang: fc.constantFrom(false, false, false, false, false, true),
});

const envelope = fc.constantFrom(
  ...(['right', 'right', 'right', 'right', 'right', 'right', 'gzip'] as const),
  ...(['flags', 'too long', 'too short', 'garbage', 'bare'] as const),
);

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 3 });

const plan = fc.record({
  method: fc.constantFrom(...methods),
  verb: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'POST', 'POST', 'GET', 'OPTIONS', 'HEAD'),
  type: fc.constantFrom(...types),
  te: fc.constantFrom('trailers', 'trailers', 'trailers', 'trailers', undefined),
  encoding: fc.constantFrom(undefined, undefined, 'identity', 'gzip', 'gzip', 'br'),
  timeout: fc.constantFrom(undefined, undefined, undefined, '10S', '20m', '0n', '99999999H', 'soon', '-1S'),
  metadata: optional(fc.constantFrom('seen', '', 'a,b')),
  binary: optional(fc.constantFrom('AAEC', 'AAEC==', '%%%', '')),
  length: fc.constantFrom('none', 'none', 'none', 'right', 'wrong'),
  messages: fc.array(fc.tuple(request, envelope), { maxLength: 4 }),
  cuts: fc.array(fc.constantFrom(0, 1, 2, 5, 7, 100, 16_384), { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom(
    ...(['with data', 'with data', 'with data', 'with empty data', 'with trailers'] as const),
    ...(['with a reset', 'never'] as const),
  ),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** Calls that are right in all, and calls in which anything may be wrong. */
export const plannedCall: fc.Arbitrary<PlannedCall> = fc
  .tuple(plan, fc.boolean())
  .map(([drawn, isTamed]) => planned(isTamed ? tamed(drawn) : drawn));

/** The same call, with everything right that the protocols say something about. */
function tamed(drawn: Plan): Plan {
  const kinds = methods.filter((name) => name !== 'Nowhere');
  const method = drawn.method === 'Nowhere' ? (kinds[drawn.messages.length] ?? 'Unary') : drawn.method;
  const isOne = method === 'Unary' || method === 'Lookup' || method === 'ServerStream';
  const first = drawn.messages[0] ?? [{ ...emptyRequest }, 'right' as const];
  const messages = (isOne ? [first] : drawn.messages).map(
    ([each, how]) =>
      [{ ...each, hang: false }, how === 'gzip' && drawn.encoding === 'gzip' ? 'gzip' : 'right'] as const,
  );
  return {
    ...drawn,
    method,
    messages: messages.map(([each, how]) => [each, how]),
    verb: 'POST',
    type: drawn.type === 'application/grpc+proto' ? drawn.type : 'application/grpc',
    te: 'trailers',
    encoding: drawn.encoding === 'br' ? 'gzip' : drawn.encoding,
    timeout: drawn.timeout === '99999999H' ? drawn.timeout : undefined,
    binary: drawn.binary === '%%%' ? undefined : drawn.binary,
    length: drawn.length === 'wrong' ? 'right' : drawn.length,
    end: drawn.end === 'never' || drawn.end === 'with a reset' ? 'with data' : drawn.end,
  };
}

const emptyRequest = {
  text: '',
  payload: new Uint8Array(0),
  count: 0,
  responseBytes: 0,
  refuseWith: '',
  hang: false,
} as const;

function planned(drawn: Plan): PlannedCall {
  const isJson = drawn.type.endsWith('json');
  const body = Buffer.concat(drawn.messages.map(([each, how]) => enveloped(each, how, isJson)));
  const path = `/hyperloom.test.v1.EchoService/${drawn.method}`;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    [':method', drawn.verb],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
    ['content-type', drawn.type],
    ['te', drawn.te],
    ['grpc-encoding', drawn.encoding],
    ['grpc-timeout', drawn.timeout],
    ['x-echo', drawn.metadata],
    ['x-echo-bin', drawn.binary],
    ['connect-protocol-version', drawn.type.includes('grpc') ? undefined : '1'],
    ['content-length', contentLength(drawn.length, body)],
  ];
  const headers = pairs.flatMap(([name, value]): HeaderPair[] =>
    value === undefined ? [] : [[name, value]],
  );
  return { headers, body, cuts: drawn.cuts, end: drawn.end, expected: expectedOf(drawn) };
}

function contentLength(how: Plan['length'], body: Buffer): string | undefined {
  if (how === 'none') return undefined;
  return String(how === 'right' ? body.length : body.length + 1);
}

function messageOf(drawn: Plan['messages'][number][0]): EchoRequest {
  return create(EchoRequestSchema, drawn);
}

function enveloped(drawn: Plan['messages'][number][0], how: string, isJson: boolean): Buffer {
  const message = messageOf(drawn);
  const text = isJson ? Buffer.from(toJsonString(EchoRequestSchema, message)) : undefined;
  const payload = text ?? Buffer.from(toBinary(EchoRequestSchema, message));
  switch (how) {
    case 'bare':
      return payload;
    case 'gzip':
      return prefixed(1, gzipSync(payload));
    case 'flags':
      return prefixed(0x7e, payload);
    case 'too long':
      return prefixed(0, payload, messageBytesMax + 1);
    case 'too short':
      return prefixed(0, payload, payload.length + 3);
    case 'garbage':
      return prefixed(0, Buffer.from([0xff, 0xff, 0xff]));
    default:
      return prefixed(0, payload);
  }
}

function prefixed(flags: number, payload: Buffer, length = payload.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, payload]);
}

/** What must come of a call in which everything is right. */
function expectedOf(drawn: Plan): Expected | undefined {
  const isGrpc = drawn.type === 'application/grpc' || drawn.type === 'application/grpc+proto';
  const isRight =
    isGrpc &&
    drawn.verb === 'POST' &&
    drawn.te !== undefined &&
    drawn.encoding !== 'br' &&
    (drawn.timeout === undefined || drawn.timeout === '99999999H') &&
    drawn.binary !== '%%%' &&
    drawn.length !== 'wrong' &&
    drawn.end !== 'never' &&
    drawn.end !== 'with a reset' &&
    drawn.messages.every(([each, how]) => {
      const isReadable = how === 'right' || (how === 'gzip' && drawn.encoding === 'gzip');
      return isReadable && !each.hang;
    });
  if (!isRight) return undefined;
  const requests = drawn.messages.map(([each]) => each);
  const refused = requests.find(({ refuseWith }) => refuseWith !== '');
  const status = refused === undefined ? 0 : statusOf(refused.refuseWith);
  const first = requests[0];
  switch (drawn.method) {
    case 'Nowhere':
      return { replies: [], status: statusCodes.UNIMPLEMENTED };
    case 'Unary':
    case 'Lookup':
      if (first === undefined || requests.length > 1) return undefined;
      return { replies: status === 0 ? [replyTo(first)] : [], status };
    case 'ServerStream': {
      if (first === undefined || requests.length > 1) return undefined;
      const replies = Array.from({ length: first.count }, (_, at) => ({ ...replyTo(first), count: at + 1 }));
      return { replies, status };
    }
    case 'ClientStream': {
      const text = requests.map((each) => each.text).join(',');
      const replies = status === 0 ? [{ text, count: requests.length, payloadBytes: 0 }] : [];
      return { replies, status };
    }
    case 'BidiStream':
      // Where one is refused, replies to those before it may or may not have left.
      return status === 0 ? { replies: requests.map(replyTo), status } : undefined;
  }
}

function statusOf(name: string): number {
  return name === 'NOT_FOUND' ? statusCodes.NOT_FOUND : statusCodes.RESOURCE_EXHAUSTED;
}

function replyTo(each: Plan['messages'][number][0]): ExpectedReply {
  const payloadBytes = each.responseBytes > 0 ? each.responseBytes : each.payload.length;
  return { text: each.text, count: each.count, payloadBytes };
}

/** Goal: what a refusal says arrives, and always fits into trailers. Method: any text, there and back. */
import { create, fromBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statusDetailsBytesMax, statusMessageBytesMax } from '../../base/limits.ts';
import { DebugInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../gen/google/rpc/status_pb.ts';
import { RpcError } from '../transport.ts';
import { decodeBase64, encodeBase64 } from './header-metadata.ts';
import { errorTrailers, percentEncode } from './status.ts';
import { parseTimeout } from './timeout.ts';

test('percent-encoded messages are printable ASCII and decode to what they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = percentEncode(text);
      expect(encoded).toMatch(/^[ -~]*$/);
      expect(decodeURIComponent(encoded)).toBe(text);
    }),
    { seed: 5 },
  );
});

test('bytes survive base64 without padding', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).not.toContain('=');
      expect([...(decodeBase64(text) ?? [])]).toEqual([...bytes]);
    }),
    { seed: 6 },
  );
});

test('details that do not fit are left out from the last on, and the message is cut between characters', () => {
  const detail = {
    descriptor: DebugInfoSchema,
    message: create(DebugInfoSchema, { detail: 'd'.repeat(1_500) }),
  };
  const trailers = Object.fromEntries(
    errorTrailers(new RpcError('ABORTED', '世'.repeat(2_000), [detail, detail, detail])),
  );
  const message = decodeURIComponent(String(trailers['grpc-message']));
  expect(message).toMatch(/^世+…$/);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(statusMessageBytesMax);
  const bytes = decodeBase64(String(trailers['grpc-status-details-bin'])) ?? new Uint8Array();
  expect(bytes.length).toBeLessThanOrEqual(statusDetailsBytesMax);
  const status = fromBinary(StatusSchema, bytes);
  expect([status.code, status.message, status.details.length]).toEqual([10, message, 1]);
});

test.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['4m', 4],
  ['5u', 0.005],
  ['6n', 0.000006],
])('grpc-timeout %s is %d ms', (header, ms) => {
  expect(parseTimeout(header)).toBeCloseTo(ms, 9);
});

/** Reads `hyperloom.v1.PublishStreamResponse`: by hand where it took effect, by generated code where it was refused. */
import { fromBinary } from '@bufbuild/protobuf';
import type { HyperloomError } from '../errors.ts';
import { makeError } from '../errors.ts';
import { PublishStreamResponseSchema } from '../gen/hyperloom/v1/context_service_pb.ts';
import { errorFromRefusal } from '../status.ts';
import type { Published } from './diff.ts';

/** Reads the outcome in `bytes[start, end)`. */
export function readOutcome(bytes: Uint8Array, start: number, end: number): Published | HyperloomError {
  return readPublished(bytes, start, end) ?? readAny(bytes.subarray(start, end));
}

/** The common case: field 1 alone, with varint fields 1 to 4. `undefined` for anything else, which the slow way reads. */
function readPublished(bytes: Uint8Array, start: number, end: number): Published | undefined {
  if (bytes[start] !== 0x0a || bytes[start + 1] !== end - start - 2) return undefined;
  let revision = 0;
  let sequence = 0;
  let repeated = false;
  let edition = 0;
  let at = start + 2;
  while (at < end) {
    const tag = bytes[at];
    at += 1;
    let value = 0;
    let scale = 1;
    let byte = 0x80;
    while (byte >= 0x80) {
      if (at >= end || scale > 2 ** 42) return undefined;
      byte = bytes[at] as number;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      at += 1;
    }
    if (tag === 0x08) revision = value;
    else if (tag === 0x10) sequence = value;
    else if (tag === 0x18) repeated = value !== 0;
    else if (tag === 0x20) edition = value;
    else return undefined;
  }
  return { revision, sequence, repeated, edition };
}

function readAny(bytes: Uint8Array): Published | HyperloomError {
  const { outcome } = fromBinary(PublishStreamResponseSchema, bytes);
  switch (outcome.case) {
    case 'published': {
      const { revision, sequence, repeated, edition } = outcome.value;
      return {
        revision: Number(revision),
        sequence: Number(sequence),
        repeated,
        edition: Number(edition),
      };
    }
    case 'refused':
      return errorFromRefusal(outcome.value);
    default:
      return makeError({
        code: 'INTERNAL',
        message: 'the broker sent an outcome that this client does not know',
      });
  }
}

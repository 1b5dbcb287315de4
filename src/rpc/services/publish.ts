/** `Publish` and `PublishStream`. */
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  ContextService,
  type PublishRequest,
  PublishRequestSchema,
  PublishResponseSchema,
  type PublishStreamRequest,
  PublishStreamRequestSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest, Settled } from '../../sequencer/forest.ts';
import { violation } from '../errors.ts';
import { type Call, defineMethod, type Method, RpcError } from '../transport.ts';
import { lockWaitMs, patienceOf } from './patience.ts';
import { decodePublish, encodePublishResponse, publishWithin } from './publish-bytes.ts';
import type { PublishTo } from './publish-bytes.ts';
import { publishCommand } from './publish-command.ts';
import { PublishStream } from './publish-stream.ts';
import { forestOf, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function publishMethods(context: ServiceContext): readonly Method[] {
  const publish = defineMethod({
    kind: 'unary',
    descriptor: ContextService.method.publish,
    async handle(request, call) {
      const { forest, ...publishing } = fromMessage(request);
      const settled = await new Promise<Settled>((resolve) => {
        submitPublish(forestOf(context, forest), publishing, call, resolve);
      });
      const { revision, sequence } = successOf(settled, 'published');
      const { repeated } = settled;
      return create(PublishResponseSchema, {
        revision: BigInt(revision),
        sequence: BigInt(sequence),
        repeated,
      });
    },
    handleBytes: (bytes, call) => publishBytes(context, bytes, call),
  });
  const publishStream = defineMethod({
    kind: 'bidi_streaming',
    descriptor: ContextService.method.publishStream,
    handle: (source, sink, call) =>
      new PublishStream({ context, source, sink, call, read: fromStreamMessage }).done,
    handleBytes: (source, sink, call) =>
      new PublishStream({ context, source, sink, call, read: fromStreamBytes }).done,
  });
  return [publish, publishStream];
}

/** Answers at once where the outcome is there at once, as it is in ghosts. */
function publishBytes(
  context: ServiceContext,
  bytes: Uint8Array,
  call: Call,
): Uint8Array | Promise<Uint8Array> {
  const { forest: name, ...publishing } = decodePublish(bytes) ?? fromMessage(decode(bytes));
  const forest = forestOf(context, name);
  let settled: Settled | undefined;
  let later: { resolve(answer: Uint8Array): void; reject(error: unknown): void } | undefined;
  submitPublish(forest, publishing, call, (result) => {
    settled = result;
    if (later === undefined) return;
    try {
      later.resolve(answerOf(result));
    } catch (error) {
      later.reject(error);
    }
  });
  if (settled !== undefined) return answerOf(settled);
  return new Promise((resolve, reject) => {
    later = { resolve, reject };
  });
}

function submitPublish(
  forest: Forest,
  { command, waitMs }: Omit<PublishTo, 'forest'>,
  call: Call,
  settle: (settled: Settled) => void,
): void {
  if (waitMs === 0) forest.submit(command, settle);
  else forest.write(command, patienceOf(call, waitMs), settle);
}

function answerOf(settled: Settled): Uint8Array {
  const { revision, sequence } = successOf(settled, 'published');
  return encodePublishResponse(revision, sequence, settled.repeated);
}

function fromMessage(request: PublishRequest): PublishTo {
  const { forest, lockWait } = request;
  return { forest, command: publishCommand(request), waitMs: lockWaitMs(lockWait) };
}

function fromStreamMessage({ publish }: PublishStreamRequest): PublishTo {
  return fromMessage(publish ?? violation('publish', 'required'));
}

function fromStreamBytes(bytes: Uint8Array): PublishTo {
  const within = publishWithin(bytes);
  const usual = within === null ? null : decodePublish(bytes, within.start);
  if (usual !== null) return usual;
  let request: PublishStreamRequest;
  try {
    request = fromBinary(PublishStreamRequestSchema, bytes);
  } catch {
    throw new RpcError('INVALID_ARGUMENT', 'a request message is no valid encoding of its type');
  }
  return fromStreamMessage(request);
}

function decode(bytes: Uint8Array): PublishRequest {
  try {
    return fromBinary(PublishRequestSchema, bytes);
  } catch {
    throw new RpcError(
      'INVALID_ARGUMENT',
      `the request is no valid encoding of ${PublishRequestSchema.typeName}`,
    );
  }
}

/** `Publish` and `PublishStream`. */
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  ContextService,
  type PublishRequest,
  PublishRequestSchema,
  PublishResponseSchema,
  type PublishStreamRequest,
  PublishStreamRequestSchema,
  type PublishStreamResponse,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest, Settled } from '../../sequencer/forest.ts';
import { boundMessage } from '../../schema/bound-message.ts';
import { allowMessage, allowPublish } from '../access/publish-rights.ts';
import { visibleSettled } from '../access/visible-refusal.ts';
import { orRefuse, Refused, undecodable, violation } from '../errors.ts';
import { reject } from '../../state/outcome.ts';
import { type Call, defineMethod, type Method, type Sink, type Source } from '../transport.ts';
import { isSameTrace, isSampled } from '../../tracing/tracing.ts';
import { tracedBy } from '../trace-parent.ts';
import type { Publish } from '../../state/command.ts';
import { messageJsonReader } from '../convert/message-json.ts';
import { lockWaitMs, patienceOf } from './patience.ts';
import { decodePublish, encodePublishResponse, publishWithin } from './publish-bytes.ts';
import { spannedCall } from './publish-span.ts';
import type { PublishTo } from './publish-bytes.ts';
import { publishCommand } from './publish-command.ts';
import type { PublishContext } from './publish-command.ts';
import {
  checkCount,
  endStream,
  OutcomeSink,
  publishMoreHeader,
  PublishSlice,
  slicesOf,
} from './publish-batch.ts';
import { PublishStream } from './publish-stream.ts';
import { forestOf, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function publishMethods(context: ServiceContext): readonly Method[] {
  const publish = defineMethod({
    kind: 'unary',
    descriptor: ContextService.method.publish,
    async handle(request, call) {
      const { forest, ...publishing } = allowed(context, call, fromMessage(context, request, call));
      const settled = await new Promise<Settled>((resolve) => {
        submitPublish(context, forestOf(context, forest), publishing, call, resolve);
      });
      const { revision, sequence, edition = 0 } = successOf(settled, 'published');
      const { repeated } = settled;
      return create(PublishResponseSchema, {
        revision: BigInt(revision),
        sequence: BigInt(sequence),
        repeated,
        edition: BigInt(edition),
      });
    },
    handleBytes: (bytes, call) => publishBytes(context, bytes, call),
  });
  const publishStream = defineMethod({
    kind: 'bidi_streaming',
    descriptor: ContextService.method.publishStream,
    handle(source, sink, call) {
      const outcomes = answersTo(call, sink);
      const each = apart(source, outcomes, ({ more, ...first }) => {
        checkCount(1 + more.length);
        if (more.length === 0) return null;
        return [first.publish ?? headless(), ...more];
      });
      const read = (request: PublishStreamRequest | PublishRequest | undefined): PublishTo =>
        allowed(
          context,
          call,
          fromSingle(context, request !== undefined && 'more' in request ? request.publish : request, call),
        );
      return new PublishStream({ context, source: each, sink: outcomes, call, read }).done;
    },
    handleBytes(source, sink, call) {
      const outcomes = answersTo(call, sink);
      const read = (request: Uint8Array | PublishSlice): PublishTo =>
        allowed(
          context,
          call,
          request instanceof PublishSlice
            ? fromSlice(context, request, call)
            : fromStreamBytes(context, request, call),
        );
      return new PublishStream({
        context,
        source: apart(source, outcomes, slicesOf),
        sink: outcomes,
        call,
        read,
      }).done;
    },
  });
  return [publish, publishStream];
}

function answersTo(call: Call, sink: Sink<PublishStreamResponse>): OutcomeSink {
  call.setHeader(publishMoreHeader, '1');
  return new OutcomeSink(sink);
}

/** The messages of a source, those that hold several diffs as what `parts` makes of them. */
function apart<Request, Part>(
  source: Source<Request>,
  outcomes: OutcomeSink,
  parts: (request: Request) => readonly Part[] | null,
): Source<Request | Part> {
  return {
    onMessage(callback) {
      source.onMessage((request) => {
        const several = parts(request);
        if (several === null) {
          callback(request);
          return;
        }
        outcomes.join();
        for (const each of several) callback(each);
      });
    },
    onEnd: (callback) => source.onEnd(callback),
    pause: () => source.pause(),
    resume: () => source.resume(),
  };
}

/** Answers at once where the outcome is there at once, as it is in ghosts. */
function publishBytes(
  context: ServiceContext,
  bytes: Uint8Array,
  call: Call,
): Uint8Array | Promise<Uint8Array> {
  const { forest: name, ...publishing } = allowed(
    context,
    call,
    decodePublish(bytes) ?? fromMessage(context, decode(bytes), call),
  );
  const forest = forestOf(context, name);
  let settled: Settled | undefined;
  let later: { resolve(answer: Uint8Array): void; reject(error: unknown): void } | undefined;
  submitPublish(context, forest, publishing, call, (result) => {
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
  context: ServiceContext,
  forest: Forest,
  { command: asked, waitMs }: Omit<PublishTo, 'forest'>,
  call: Call,
  onSettled: (settled: Settled) => void,
): void {
  const known = withTrace(context, asked, call);
  const told = (settled: Settled): void => onSettled(visibleSettled(settled, call.caller, forest.name));
  const { command, settle } = spannedCall(context, forest.name, { command: known, settle: told });
  if (waitMs === 0) forest.submit(command, settle);
  else forest.write(command, patienceOf(call, waitMs), settle);
}

/**
 * What the request does not say of its trace, the call's metadata may. Where both are of one trace that is traced here, the call has a span of
 * the broker's own by now, and the publish is within that.
 */
function withTrace({ tracing }: ServiceContext, command: Publish, call: Call): Publish {
  const { traceParent: own } = command;
  const { traceParent } = tracedBy(call);
  if (traceParent === undefined || traceParent === own) return command;
  const isWithin = (): boolean =>
    tracing !== undefined && isSampled(traceParent) && isSampled(own) && isSameTrace(traceParent, own);
  return own === undefined || isWithin() ? { ...command, traceParent } : command;
}

function answerOf(settled: Settled): Uint8Array {
  return encodePublishResponse(successOf(settled, 'published'), settled.repeated);
}

/** The publish as its caller may make it. */
function allowed(context: ServiceContext, call: Call, publishing: PublishTo): PublishTo {
  const { forest, command } = publishing;
  const own = orTell(context, call, forest, () =>
    allowPublish(context.forests, call.caller, forest, command),
  );
  return own === command ? publishing : { ...publishing, command: own };
}

/** Has a refusal written down. */
function orTell<T>(context: ServiceContext, call: Call, forest: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Refused) context.audit?.refused(call, forest, error.rejection);
    throw error;
  }
}

function fromMessage(context: ServiceContext, request: PublishRequest, call: Call): PublishTo {
  orTell(context, call, request.forest, () => allowMessage(call.caller, request));
  const { forest, lockWait } = request;
  const command = publishCommand(request, asking(context, request));
  // Without operations it asks for an outcome that is there: nothing is to be waited for.
  return { forest, command, waitMs: command.operations.length === 0 ? 0 : lockWaitMs(lockWait) };
}

/** What a publish may ask its forest for. Most ask nothing, so that a forest that does not exist is found out later. */
function asking(
  context: ServiceContext,
  { forest: name, requestId, ghostId }: PublishRequest,
): PublishContext {
  const forest = (): Forest => forestOf(context, name);
  return {
    typed: messageJsonReader(forest, context.valueForms, requestId, ghostId),
    message: (path, field) =>
      orRefuse(boundMessage(forest().schemasIn(ghostId), context.schemaCompiler, path, field)),
    remembers: (id) => forest().isRequestKnown(id),
  };
}

function fromSingle(context: ServiceContext, publish: PublishRequest | undefined, call: Call): PublishTo {
  return fromMessage(context, publish ?? violation('publish', 'required'), call);
}

function fromSlice(context: ServiceContext, { bytes }: PublishSlice, call: Call): PublishTo {
  return decodePublish(bytes) ?? fromMessage(context, decode(bytes), call);
}

function fromStreamBytes(context: ServiceContext, bytes: Uint8Array, call: Call): PublishTo {
  const within = publishWithin(bytes);
  const usual = within === null ? null : decodePublish(bytes, within.start);
  if (usual !== null) return usual;
  let request: PublishStreamRequest;
  try {
    request = fromBinary(PublishStreamRequestSchema, bytes);
  } catch {
    return undecodable(PublishStreamRequestSchema.typeName);
  }
  if (request.more.length > 0) headless();
  return fromSingle(context, request.publish, call);
}

/** Ends the stream: nobody could say which outcome belongs to which diff of such a message. */
function headless(): never {
  const description = 'it came without `publish`, or in front of it';
  const violations = [{ field: 'more', description }];
  endStream(reject('INVALID_REQUEST', `more: ${description}`, {}, { violations }));
}

function decode(bytes: Uint8Array): PublishRequest {
  try {
    return fromBinary(PublishRequestSchema, bytes);
  } catch {
    return undecodable(PublishRequestSchema.typeName);
  }
}

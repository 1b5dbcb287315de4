/** `Subscribe`. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  bookmarkIntervalMsMax,
  bookmarkIntervalMsMin,
  patternsPerSubscriptionMax,
} from '../../base/limits.ts';
import {
  ContextService,
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Delivery } from '../../subscriptions/delivery.ts';
import type {
  Receiver,
  SnapshotNode,
  Subscription,
  SubscriptionHandle,
} from '../../subscriptions/subscription.ts';
import { checkCount, checkDuration, checkEnum, checkPattern, toNumber } from '../checks.ts';
import { eventMessages } from '../convert/event.ts';
import type { EventDetail } from '../convert/event.ts';
import { nodeMessage } from '../convert/node.ts';
import { Refused, violation } from '../errors.ts';
import { type Call, defineMethod, EncodedMessage, type Method, type Sink } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function subscribeMethods(context: ServiceContext): readonly Method[] {
  const subscribe = defineMethod({
    kind: 'server_streaming',
    descriptor: ContextService.method.subscribe,
    handle: (request, sink, call) => serve(context, request, sink, call),
  });
  return [subscribe];
}

/** Ends with the subscription. */
function serve(
  context: ServiceContext,
  request: SubscribeRequest,
  sink: Sink<SubscribeResponse>,
  call: Call,
): Promise<void> {
  const forest = forestOf(context, request.forest);
  const detail = detailOf(request);
  const subscription = subscriptionOf(request, detail);
  return new Promise((resolve, reject) => {
    let handle: SubscriptionHandle | undefined;
    const receiver = receiverFor(sink, detail, (error) => (error === null ? resolve() : reject(error)));
    sink.onDrain(() => handle?.drained());
    handle = forest.hub.subscribe(subscription, receiver);
    call.onCancel(() => {
      handle.cancel();
      resolve();
    });
  });
}

function receiverFor(
  sink: Sink<SubscribeResponse>,
  detail: EventDetail,
  end: (error: Refused | null) => void,
): Receiver {
  const key = JSON.stringify(detail);
  return {
    snapshot: (part, revision) => sink.write(snapshotMessage(part, revision)),
    event(delivery) {
      const messages = delivery.memo(key, () => encodeEvent(delivery, detail));
      let open = true;
      for (const message of messages) open = sink.writeEncoded(message);
      return open;
    },
    bookmark(revision, position) {
      const value = { revision: BigInt(revision), position: BigInt(position) };
      return sink.write(create(SubscribeResponseSchema, { message: { case: 'bookmark', value } }));
    },
    end: (rejection) => end(rejection === null ? null : new Refused(rejection)),
  };
}

function snapshotMessage(part: readonly SnapshotNode[], revision: number): SubscribeResponse {
  const nodes = part.map((visited) => nodeMessage(visited.path, visited, true));
  const value = { nodes, revision: BigInt(revision) };
  return create(SubscribeResponseSchema, { message: { case: 'snapshot', value } });
}

/** Encoded once, and shared by all subscribers who asked for the same. */
function encodeEvent({ event, changes }: Delivery, detail: EventDetail): readonly EncodedMessage[] {
  return eventMessages(event, changes, detail).map((value) => {
    const message = create(SubscribeResponseSchema, { message: { case: 'event', value } });
    return new EncodedMessage(toBinary(SubscribeResponseSchema, message));
  });
}

const changeDetails = ['operation', 'operation', 'result'] as const;

function detailOf(request: SubscribeRequest): EventDetail {
  return {
    withResult: checkEnum(request.detail, changeDetails, 'detail') === 'result',
    withPrevious: request.includePrevious,
    withBasis: request.includeBasis,
  };
}

function subscriptionOf(request: SubscribeRequest, detail: EventDetail): Subscription {
  checkCount(
    request.patterns.length,
    'patterns',
    'patternsPerSubscriptionMax',
    patternsPerSubscriptionMax,
    1,
  );
  return {
    patterns: request.patterns.map((text, index) => checkPattern(text, `patterns[${index}]`)),
    start: startOf(request),
    scope: scopeOf(request),
    needsRoots: detail.withResult || detail.withPrevious,
    bookmarkIntervalMs: checkDuration(request.bookmarkInterval, 'bookmark_interval', {
      byDefaultMs: bookmarkIntervalMsMax,
      minMs: bookmarkIntervalMsMin,
      maxMs: bookmarkIntervalMsMax,
    }),
  };
}

function startOf({ start }: SubscribeRequest): Subscription['start'] {
  switch (start.case) {
    case 'now':
      return { kind: 'now' };
    case 'afterRevision':
      return { kind: 'after_revision', revision: toNumber(start.value) };
    case 'afterPosition':
      return { kind: 'after_position', position: toNumber(start.value) };
    case 'snapshot':
    case undefined:
      return { kind: 'snapshot' };
  }
}

function scopeOf({ scope }: SubscribeRequest): Subscription['scope'] {
  switch (scope.case) {
    case 'ghostId':
      if (scope.value === '') violation('ghost_id', 'required where the scope is a ghost');
      return { kind: 'ghost', ghostId: scope.value };
    case 'everything':
      return { kind: 'everything' };
    case 'trunk':
    case undefined:
      return { kind: 'trunk' };
  }
}

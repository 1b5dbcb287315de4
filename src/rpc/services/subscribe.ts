/** `Subscribe`. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  bookmarkIntervalMsMax,
  bookmarkIntervalMsMin,
  patternsPerSubscriptionMax,
  snapshotBytesPerPart,
} from '../../base/limits.ts';
import {
  ContextService,
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Node } from '../../gen/hyperloom/v1/node_pb.ts';
import { contentOf } from '../../meters/content.ts';
import { Reading } from '../../meters/portion.ts';
import type { Portion } from '../../meters/portion.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Rejection } from '../../state/outcome.ts';
import type {
  Receiver,
  SnapshotNode,
  Subscription,
  SubscriptionHandle,
} from '../../subscriptions/subscription.ts';
import { Sight, type SeenEvent } from '../access/visible.ts';
import { checkAuthor, checkCount, checkDuration, checkEnum, checkPattern, toNumber } from '../checks.ts';
import { aged } from '../convert/age.ts';
import { eventMessages } from '../convert/event.ts';
import type { EventDetail } from '../convert/event.ts';
import { nodeMessage, toldBytes } from '../convert/node.ts';
import type { TellValue } from '../convert/value-message.ts';
import { ValueReading } from '../convert/value-view.ts';
import { Refused, violation } from '../errors.ts';
import { type Call, defineMethod, EncodedMessage, type Method, type Sink } from '../transport.ts';
import { EventSink } from './event-sink.ts';
import { ReadMeter } from './read-meter.ts';
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
  const told = toldOf(context, forest, request);
  const sight = new Sight(call, forest);
  const subscription = subscriptionOf(request, told, sight);
  const refused = supersededAtStart(forest, subscription, told.values);
  if (refused !== null) throw new Refused(refused);
  return new Promise((resolve, reject) => {
    let handle: SubscriptionHandle | undefined;
    let isOver = false;
    const events = new EventSink(sink, request.batchEvents);
    const receiver = receiverFor(
      events,
      subscription.scope,
      { ...told, sight, forest },
      new ReadMeter(forest, request.author),
      (error) => {
        events.flush();
        isOver = true;
        handle?.cancel();
        if (error === null) resolve();
        else reject(error);
      },
    );
    events.onDrain(() => handle?.drained());
    handle = forest.hub.subscribe(subscription, receiver);
    if (isOver) handle.cancel();
    call.onCancel(() => {
      handle.cancel();
      resolve();
    });
    call.onLeave((rejection) => handle.end(rejection));
  });
}

/** Why a reader cannot see what the subscription begins with. Where it begins in the past, its events will tell. */
function supersededAtStart(
  forest: Forest,
  { start, scope }: Subscription,
  values: ValueReading,
): Rejection | null {
  if (start.kind !== 'snapshot' && start.kind !== 'now') return null;
  if (scope.kind !== 'ghost') return values.superseded(forest.view().revision);
  const ghost = forest.ghostRoot(scope.ghostId);
  return 'reason' in ghost ? null : values.supersededInGhost(ghost.baseRevision, scope.ghostId);
}

/** What a subscriber is told of each event. */
interface Told {
  readonly withResult: boolean;
  readonly withPrevious: boolean;
  readonly withBasis: boolean;
  /** Who is told of what it had read and was reverted; empty for nobody. */
  readonly agent: string;
  readonly values: ValueReading;
}

function receiverFor(
  sink: EventSink,
  scope: Subscription['scope'],
  { values, sight, forest, ...detail }: Told & { readonly sight: Sight; readonly forest: Forest },
  meter: ReadMeter,
  end: (error: Refused | null) => void,
): Receiver {
  const key = JSON.stringify([detail, values.key, sight.key]);
  return {
    snapshot(part, revision) {
      const tell = scope.kind === 'ghost' ? values.inGhost(revision, scope.ghostId) : values.at(revision);
      const reading = new Reading();
      let open = true;
      for (const message of snapshotMessages(part, revision, meter.noting(tell, reading), sight))
        open = sink.write(message);
      meter.give(reading.portions);
      return open;
    },
    event(delivery) {
      const refused = values.supersededAt(delivery.event);
      if (refused !== null) {
        end(new Refused(refused));
        return true;
      }
      const seen = sight.delivery(delivery, detail.agent);
      if (seen === null) return true;
      const { event } = seen;
      const { messages, portions } = delivery.memo(key, () =>
        encodeEvent(
          seen,
          { ...detail, ...values.around(event), shows: sight.shows, countChildren: sight.countChildren },
          meter,
        ),
      );
      let open = true;
      for (const message of messages) open = sink.writeEvent(message);
      meter.give(portions);
      return open;
    },
    bookmark(revision, position) {
      const value = { revision: BigInt(revision), position: BigInt(position), ...aged(forest.ageMs()) };
      return sink.write(create(SubscribeResponseSchema, { message: { case: 'bookmark', value } }));
    },
    end: (rejection) => end(rejection === null ? null : new Refused(rejection)),
  };
}

/** A part of a snapshot; several, where its values are larger as JSON than they are stored. */
function* snapshotMessages(
  part: readonly SnapshotNode[],
  revision: number,
  tell: TellValue,
  { countChildren }: Sight,
): Generator<SubscribeResponse> {
  let nodes: Node[] = [];
  let bytes = 0;
  const message = (): SubscribeResponse => {
    const value = { nodes, revision: BigInt(revision) };
    return create(SubscribeResponseSchema, { message: { case: 'snapshot', value } });
  };
  for (const visited of part) {
    const node = nodeMessage(visited.path, visited, tell, countChildren);
    const grown = toldBytes(node) - (visited.node.entry?.bytes ?? 0);
    if (nodes.length > 0 && bytes + grown > snapshotBytesPerPart) {
      yield message();
      nodes = [];
      bytes = 0;
    }
    nodes.push(node);
    bytes += grown;
  }
  yield message();
}

/** An event as several subscribers are sent it. */
interface EncodedEvent {
  readonly messages: readonly EncodedMessage[];
  readonly portions: readonly Portion[];
}

/** Encoded and measured once, and shared by all subscribers who asked for the same. */
function encodeEvent({ event, changes }: SeenEvent, detail: EventDetail, meter: ReadMeter): EncodedEvent {
  const reading = new Reading();
  const { before, after } = detail;
  const noted = {
    ...detail,
    before: meter.noting(before, reading),
    after: meter.noting(after, reading),
  };
  const messages = eventMessages(event, changes, noted).map((value) => {
    const message = create(SubscribeResponseSchema, { message: { case: 'event', value } });
    return new EncodedMessage(toBinary(SubscribeResponseSchema, message));
  });
  // Values are noted as they are told; what is no value is not.
  for (const { operation } of changes) {
    const content = operation.kind === 'put' ? null : contentOf(operation);
    if (content !== null) reading.took(operation.path[0] ?? '', content);
  }
  return { messages, portions: reading.portions };
}

const changeDetails = ['operation', 'operation', 'result'] as const;

function toldOf({ valueForms }: ServiceContext, forest: Forest, request: SubscribeRequest): Told {
  return {
    withResult: checkEnum(request.detail, changeDetails, 'detail') === 'result',
    withPrevious: request.includePrevious,
    withBasis: request.includeBasis,
    agent: checkAuthor(request.agent, 'agent'),
    values: new ValueReading(forest, valueForms, request.values, 'values.form'),
  };
}

function subscriptionOf(
  request: SubscribeRequest,
  { withResult, withPrevious, agent }: Told,
  sight: Sight,
): Subscription {
  checkCount(
    request.patterns.length,
    'patterns',
    'patternsPerSubscriptionMax',
    patternsPerSubscriptionMax,
    1,
  );
  const asked = request.patterns.map((text, index) => checkPattern(text, `patterns[${index}]`));
  return {
    patterns: sight.patterns(asked, 'patterns'),
    start: startOf(request),
    scope: scopeOf(request),
    needsRoots: withResult || withPrevious,
    agent,
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

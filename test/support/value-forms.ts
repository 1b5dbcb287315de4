/** Values in the form that a reader asked for: what tests put, and what they see of reads and subscriptions. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SubscribeRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { FormProblem, type Node, type Value, ValueForm } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { bytes, text } from './broker.ts';
import type { TestBroker } from './broker.ts';
import { acme, messageOf, protobuf } from './schemas.ts';

/** Two versions of one schema: the second one's message has a field more. */
export const versions = [
  'string claim = 1 [(buf.validate.field).string.max_len = 20];',
  'string claim = 1 [(buf.validate.field).string.max_len = 20]; int64 seen_at = 2;',
].map((fields) => acme(`message Note { option (hyperloom.v1.node).path = "/{s}/notes/{n}"; ${fields} }`)) as [
  Uint8Array,
  Uint8Array,
];
/** The newer message. */
export const note = messageOf(versions[1], 'acme.v1.Note');
/** One of it. */
export const whole = '{"claim":"x","seenAt":"9007199254740993"}';
export const asJson = { form: ValueForm.JSON };

/** Registers the next version of a schema; its revision. */
export async function register(broker: TestBroker, name: string, set: Uint8Array): Promise<bigint> {
  const { schema } = await broker.schemas.registerSchema({ name, definition: protobuf(set) });
  return schema?.revision ?? 0n;
}

/** A put of a message that is given as JSON, to be read by the broker. */
export function putMessageJson(path: string, json: unknown): Operation {
  const value = bytes(typeof json === 'string' ? json : JSON.stringify(json));
  return create(OperationSchema, {
    path,
    action: { case: 'put', value: { kind: { case: 'messageJson', value } } },
  });
}

const problemNames = new Map(Object.entries(FormProblem).map(([name, number]) => [number as number, name]));

/** A value in short: its JSON, or what it is and why it is not JSON. */
export function shown(value: Value | undefined): string {
  const kind = value?.kind;
  if (kind?.case === 'json') return text(kind.value);
  const problem = value?.formProblem ?? FormProblem.UNSPECIFIED;
  return `${kind?.case ?? 'nothing'}${problem === FormProblem.UNSPECIFIED ? '' : ` ${problemNames.get(problem)}`}`;
}

type Subscribe = MessageInitShape<typeof SubscribeRequestSchema>;

/** The first events of a subscription. */
export interface Events extends Promise<Event[]> {
  /** It has begun. */
  readonly ready: Promise<void>;
  readonly seen: readonly Event[];
}

/** Reads a subscription. */
export function eventsOf(broker: TestBroker, request: Subscribe, count: number = 1): Events {
  const seen: Event[] = [];
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const abort = new AbortController();
  const isLast = (event: Event): boolean => seen.push(event) === count;
  const read = async (): Promise<Event[]> => {
    for await (const { message } of broker.context.subscribe(request, { signal: abort.signal })) {
      if (message.case === 'bookmark') resolve();
      if (message.case === 'event' && isLast(message.value)) break;
    }
    abort.abort();
    return seen;
  };
  const events = read();
  events.catch(() => resolve());
  return Object.assign(events, { ready, seen });
}

/** The parts of a snapshot. */
export async function snapshotOf(broker: TestBroker, request: Subscribe): Promise<(readonly Node[])[]> {
  const parts: (readonly Node[])[] = [];
  const abort = new AbortController();
  for await (const { message } of broker.context.subscribe(request, { signal: abort.signal })) {
    if (message.case === 'snapshot') parts.push(message.value.nodes);
    if (message.case === 'bookmark') break;
  }
  abort.abort();
  return parts;
}

/** What the parts of a snapshot hold. */
export const shownParts = (parts: (readonly Node[])[]) =>
  parts.map((nodes) => nodes.map(({ value }) => (value?.kind.case === 'json' ? 'json' : shown(value))));

/**
 * Goal: whatever a client sends is taken because the proto says so, or refused as documented: with a gRPC status and a reason out of the enum
 * that belong together, and with the field where one is at fault; never INTERNAL or UNKNOWN, never by a hang, and never with any effect.
 * Method: for each RPC a valid request, and each field of it (those inside others too, from the descriptors) made bad in each way that its
 * type knows, as well as messages cut off, damaged and random. `legal.ts` lists what may be taken, with reasons.
 */
import type { DescMethod } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../src/base/clock.ts';
import type { Clock } from '../src/base/clock.ts';
import { ContextService } from '../src/gen/hyperloom/v1/context_service_pb.ts';
import { ErrorReasonSchema } from '../src/gen/hyperloom/v1/error_reason_pb.ts';
import { ForestService } from '../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../src/gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../src/gen/hyperloom/v1/schema_service_pb.ts';
import { codeOf } from '../src/rpc/errors.ts';
import { lookEveryMs } from '../src/sequencer/timekeeper.ts';
import type { Reason } from '../src/state/outcome.ts';
import { send } from './bad-input/call.ts';
import type { Answer } from './bad-input/call.ts';
import { inputsOf } from './bad-input/inputs.ts';
import type { Input } from './bad-input/inputs.ts';
import { legal, ruleFor } from './bad-input/legal.ts';
import type { Legal } from './bad-input/legal.ts';
import { furnish, requestFor } from './bad-input/requests.ts';
import type { Fields } from './bad-input/requests.ts';
import { putText, startTestBroker } from './support/broker.ts';
import type { TestBroker } from './support/broker.ts';

const methods = [ContextService, LockService, ReviewService, ForestService, SchemaService].flatMap(
  ({ methods: all }) => all,
);
const reasons = new Set(ErrorReasonSchema.values.map(({ name }) => name.replace('ERROR_REASON_', '')));
/** Refusals of what the request says, rather than of how things stand: the field is at fault. */
const aboutFields = new Set([
  'INVALID_REQUEST',
  'INVALID_PATH',
  'INVALID_PATTERN',
  'INVALID_VALUE',
  'LIMIT_EXCEEDED',
]);
const leastInputs = 1_000;

/** Nothing ends by itself: on a slow machine the end of a lease would look like the effect of what was refused meanwhile. */
const timelessClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, callback) =>
    delayMs === lookEveryMs ? { cancel: () => undefined } : systemClock.setTimer(delayMs, callback),
};

let broker: TestBroker;
let client: Client;
const used = new Set<Legal>();
const counts: { readonly method: string; readonly taken: number; readonly refused: number }[] = [];
const kinds = new Map<string, number>();

beforeAll(async () => {
  broker = await startTestBroker({ clock: timelessClock });
  const options = { 'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1 };
  client = new Client(`127.0.0.1:${broker.broker.address.port}`, credentials.createInsecure(), options);
  await furnish(broker);
});
afterAll(async () => {
  client.close();
  await broker.close();
});

/** What a refused request must leave as it is. A refusal with a request id is remembered, so that is left out. */
async function standing(): Promise<string> {
  const { stateHash, position } = await broker.forests.getStatus({ includeStateHash: true });
  const { forests } = await broker.forests.listForests({});
  return [stateHash, position, ...forests.map(({ name, revision }) => `${name} ${revision}`)].join(' ');
}

/** A refused request may have an effect where it was told to be remembered, and where the publish before it in a message was a good one. */
function mayHaveEffect(method: DescMethod, { field }: Input): boolean {
  return field.endsWith('request_id') || (method.name === 'PublishStream' && /^more\b/.test(field));
}

function sameFields(one: Fields, other: Fields): boolean {
  const text = (fields: Fields): string =>
    JSON.stringify(fields, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return text(one) === text(other);
}

/** Why an answer is not as it must be; `undefined` where it is. */
function faultOf(method: DescMethod, input: Input, answer: Answer): string | undefined {
  const { code, reason, domain, fields } = answer;
  if (code === 'OK') {
    const rule = ruleFor(method.name, input);
    if (rule !== undefined) used.add(rule);
    return rule === undefined ? 'was taken, and nothing says that it may be' : undefined;
  }
  if (!reasons.has(reason) || reason === 'UNSPECIFIED') return `was refused without a reason of ours`;
  if (codeOf(reason as Reason) !== code) return `has a status that does not belong to its reason`;
  if (domain !== 'hyperloom.dev') return `has the domain ${domain}`;
  const isUndecodable = answer.message.includes('no valid encoding');
  if (!aboutFields.has(reason) || isUndecodable || input.field === '') return undefined;
  return fields.some((field) => isAbout(method, input.field, field))
    ? undefined
    : 'names another field, or none';
}

/** Whether a violation's field is the one that was made bad, or around it, or inside it. */
function isAbout(method: DescMethod, bad: string, told: string): boolean {
  // In a stream, fields are those of the publish in question.
  const own = method.name === 'PublishStream' ? bad.replace(/^(publish|more\[0\]|more)\.?/, '') : bad;
  const oneofs = method.input.oneofs.filter(({ fields }) => fields.some(({ name }) => own.startsWith(name)));
  const around = own === '' || oneofs.some(({ name }) => name === told);
  return around || own === told || isInside(own, told) || isInside(told, own);
}

function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

describe.each(methods.map((method) => [method.name, method] as const))('%s', (_name, method) => {
  it('takes or refuses each input as documented, and nothing that is refused has any effect', async () => {
    let fields = await requestFor(broker, method);
    let inputs = inputsOf(method, fields);
    const faults: string[] = [];
    let taken = 0;
    let before = await standing();
    for (const index of inputs.keys()) {
      const input = inputs[index];
      if (input === undefined) continue;
      const answer = await send(client, method, [input.bytes()]);
      kinds.set(input.kind, (kinds.get(input.kind) ?? 0) + 1);
      const told = `${input.field} (${input.kind}): ${answer.code} ${answer.reason} ${answer.fields.join()} ${answer.message}`;
      const fault = faultOf(method, input, answer);
      if (fault !== undefined) faults.push(`${fault}: ${told}`);
      const after = await standing();
      if (answer.code !== 'OK' && after !== before && !mayHaveEffect(method, input))
        faults.push(`changed something: ${told}`);
      before = after;
      if (answer.code !== 'OK') continue;
      taken += 1;
      const next = await requestFor(broker, method);
      if (!sameFields(next, fields)) inputs = inputsOf(method, next);
      fields = next;
      before = await standing();
    }
    counts.push({ method: method.name, taken, refused: inputs.length - taken });
    expect(faults).toEqual([]);
  });
});

describe('afterwards', () => {
  it('there were enough inputs, and each rule of what may be taken was needed', () => {
    const total = counts.reduce((sum, { taken, refused }) => sum + taken + refused, 0);
    for (const { method, taken, refused } of counts)
      console.log(
        `${method.padEnd(18)} ${String(refused).padStart(5)} refused ${String(taken).padStart(5)} taken`,
      );
    for (const [kind, count] of [...kinds].sort(([one], [other]) => one.localeCompare(other)))
      console.log(`${kind.padEnd(34)} ${String(count).padStart(5)}`);
    console.log(`${total} bad inputs over ${counts.length} RPCs, ${kinds.size} ways to be bad`);
    expect(counts.length).toBe(methods.length);
    expect(total).toBeGreaterThan(leastInputs);
    expect(legal.filter((rule) => !used.has(rule)).map(({ field, kinds: of }) => `${field} ${of}`)).toEqual(
      [],
    );
  });

  it('the broker is unharmed', async () => {
    expect(broker.fatal).toEqual([]);
    expect(broker.log).toEqual([]);
    const { node } = await broker.context.get({ forest: 'kept', path: '/safe' });
    expect(node?.value?.kind.value).toBe('and sound');
    const { forest } = await broker.forests.getStatus({});
    const { revision } = await broker.context.publish({ operations: [putText('/after', 'x')] });
    expect(revision).toBe((forest?.revision ?? 0n) + 1n);
  });
});

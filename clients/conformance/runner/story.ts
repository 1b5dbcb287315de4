/** Tells one scenario with one driver. */
import { fromJson, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';

import { SchemaSchema } from '../../typescript/src/gen/hyperloom/v1/schema_pb.ts';
import type { CallEnded } from '../gen/hyperloom/conformance/v1/driver_pb.ts';
import type {
  Access,
  CallStep,
  Refused,
  Scenario,
  StartStep,
  Step,
} from '../gen/hyperloom/conformance/v1/scenario_pb.ts';
import type { AccessRules } from './broker-access.ts';
import { decode, encodeRequest, methodOf, readRefusal } from './api.ts';
import type { Coverage } from './coverage.ts';
import type { Driver } from './driver.ts';
import { codeName } from './codes.ts';
import { eventually } from './eventually.ts';
import { difference } from './match.ts';
import { RunningCall } from './running-call.ts';
import type { ScenarioBroker } from './scenario-broker.ts';
import { SdkStory } from './sdk-story.ts';
import { fill, filledText, keepFields, type Saved } from './values.ts';

/** Where a scenario happens. */
export interface Stage {
  readonly driver: Driver;
  readonly address: string;
  readonly forest: string;
  readonly coverage: Coverage;
  /** Cuts the driver's connection. */
  cut(): void;
  /** The broker that the scenario has to itself, if it has one. */
  readonly ownBroker: ScenarioBroker | undefined;
}

/** What a scenario may do to a broker of its own. */
type BrokerAction = Extract<
  Step['action'],
  { readonly case: 'restart' | 'stop' | 'disk' | 'oldSchema' | 'access' }
>;

interface Begun {
  readonly rpc: string;
  readonly number: bigint;
  readonly call: RunningCall;
}

/** Runs the steps in order. Rejects with the step that did not go as it should, and why. */
export async function tell(scenario: Scenario, stage: Stage): Promise<void> {
  const story = new Story(stage);
  try {
    for (const [index, step] of scenario.steps.entries()) {
      try {
        await story.take(step);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        throw new Error(`step ${index + 1} (${step.action.case}): ${what}`, { cause: error });
      }
    }
  } finally {
    story.close();
  }
}

class Story {
  readonly #stage: Stage;
  /** The driver's clients, by the tokens that they show. */
  readonly #clients = new Map<string, number>();
  readonly #saved: Saved;
  readonly #begun = new Map<string, Begun>();
  readonly #sdk: SdkStory;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#saved = new Map([
      ['forest', stage.forest],
      ['address', stage.address],
      ...(stage.ownBroker?.access?.tokens ?? []),
    ]);
    this.#sdk = new SdkStory(stage.driver, this.#clientWith(''), stage.forest, this.#saved);
  }

  close(): void {
    for (const client of this.#clients.values())
      this.#stage.driver.command({ case: 'disconnect', value: { client } });
  }

  async take({ action }: Step): Promise<void> {
    const { driver } = this.#stage;
    switch (action.case) {
      case 'call':
        return action.value.eventually
          ? eventually(() => this.#callOften(action.value))
          : this.#callOften(action.value);
      case 'start': {
        const { as, request } = action.value;
        this.#begun.set(as, this.#start(action.value, request));
        return;
      }
      case 'send': {
        const { rpc, number } = this.#find(action.value.to);
        for (const message of action.value.messages) {
          driver.command({
            case: 'send',
            value: { call: number, message: this.#encode(rpc, message, false) },
          });
        }
        return;
      }
      case 'finish':
        driver.command({ case: 'finish', value: { call: this.#find(action.value.call).number } });
        return;
      case 'receive': {
        const { from, messages, until, save } = action.value;
        return this.#receive(this.#find(from), messages, until, save);
      }
      case 'end': {
        const { of, response, refused, save } = action.value;
        return this.#end(this.#find(of), response, refused, save);
      }
      case 'cancel': {
        const { number } = this.#sdk.find(action.value.call) ?? this.#find(action.value.call);
        driver.command({ case: 'cancel', value: { call: number } });
        return;
      }
      case 'cut':
        return this.#stage.cut();
      case 'restart':
      case 'stop':
      case 'disk':
      case 'oldSchema':
      case 'access':
        return this.#toBroker(action);
      case 'sdk':
        return this.#sdk.take(action.value);
      case 'sdkStart':
        return this.#sdk.start(action.value);
      case 'sdkEnd':
        return this.#sdk.end(action.value);
      case undefined:
        throw new Error('an empty step');
    }
  }

  async #toBroker(action: BrokerAction): Promise<void> {
    const { ownBroker: broker, forest } = this.#stage;
    if (broker === undefined) throw new Error('this is for a broker of its own: ownBroker');
    switch (action.case) {
      case 'restart':
        return broker.restart(action.value.kill);
      case 'stop':
        return broker.stop();
      case 'disk':
        return broker.failDisk(action.value.fault);
      case 'oldSchema':
        return broker.register(forest, fromJson(SchemaSchema, fill(action.value.schema ?? {}, this.#saved)));
      case 'access':
        return this.#changeAccess(broker, action.value);
    }
  }

  #changeAccess({ access }: ScenarioBroker, change: Access): void {
    if (access === undefined) throw new Error('this is for a broker that asks who calls: access');
    access.change(rulesOf(change, this.#saved));
    for (const [name, token] of access.tokens) this.#saved.set(name, token);
  }

  async #callOften(step: CallStep): Promise<void> {
    const times = Math.max(1, step.times);
    for (let turn = 1; turn <= times; turn += 1) {
      this.#saved.set('turn', String(turn));
      if (turn === times) await this.#call(step);
      else await this.#end(this.#start(step, step.request ?? {}), undefined, undefined, {});
    }
  }

  async #call(step: CallStep): Promise<void> {
    const { rpc, request, requests, response, refused, save } = step;
    if (requests.length === 0) return this.#end(this.#start(step, request ?? {}), response, refused, save);
    const begun = this.#start(step, undefined);
    for (const [index, message] of requests.entries()) {
      const command = { call: begun.number, message: this.#encode(rpc, message, index === 0) };
      this.#stage.driver.command({ case: 'send', value: command });
    }
    this.#stage.driver.command({ case: 'finish', value: { call: begun.number } });
    return this.#end(begun, response, refused, save);
  }

  #start({ rpc, timeout, token }: CallStep | StartStep, request: JsonObject | undefined): Begun {
    const method = methodOf(rpc);
    this.#stage.coverage.rpcs.add(rpc);
    const call = new RunningCall();
    const isStreaming = method.methodKind === 'bidi_streaming' || method.methodKind === 'client_streaming';
    const number = this.#stage.driver.start(
      this.#clientWith(filledText(token, this.#saved)),
      {
        method: `${method.parent.typeName}/${method.name}`,
        timeoutMs: timeout === undefined ? defaultTimeoutMs : millisecondsOf(timeout),
        ...(isStreaming ? {} : { request: this.#encode(rpc, request ?? {}) }),
      },
      call,
    );
    if (isStreaming && request !== undefined) {
      const command = { call: number, message: this.#encode(rpc, request) };
      this.#stage.driver.command({ case: 'send', value: command });
    }
    return { rpc, number, call };
  }

  async #receive(
    { rpc, call }: Begun,
    messages: readonly JsonObject[],
    until: JsonObject | undefined,
    save: Readonly<Record<string, string>>,
  ): Promise<void> {
    let last: JsonValue = {};
    for (const [index, expected] of messages.entries()) {
      last = await this.#next(rpc, call);
      const found = difference(last, fill(expected, this.#saved), `message ${index + 1}`);
      if (found !== undefined) throw new Error(found);
    }
    if (until !== undefined) {
      const expected = fill(until, this.#saved);
      do last = await this.#next(rpc, call);
      while (difference(last, expected) !== undefined);
    }
    keepFields(last, save, this.#saved);
  }

  async #next(rpc: string, call: RunningCall): Promise<JsonValue> {
    const bytes = await call.next();
    if (bytes !== undefined) return decode(methodOf(rpc).output, bytes);
    const end = await call.ended();
    throw new Error(`${rpc} ended with ${codeName(end.code)}: ${end.message}`);
  }

  async #end(
    { rpc, call }: Begun,
    response: JsonObject | undefined,
    refused: Refused | undefined,
    save: Readonly<Record<string, string>>,
  ): Promise<void> {
    const end = await call.ended();
    if (refused !== undefined) return this.#checkRefusal(rpc, end, refused);
    if (end.code !== 0) throw new Error(`${rpc} was refused with ${codeName(end.code)}: ${end.message}`);
    const { last } = call;
    const answer = last === undefined ? {} : decode(methodOf(rpc).output, last);
    const found = difference(answer, fill(response ?? {}, this.#saved), `the answer of ${rpc}`);
    if (found !== undefined) throw new Error(found);
    keepFields(answer, save, this.#saved);
  }

  #checkRefusal(rpc: string, end: CallEnded, expected: Refused): void {
    const seen = readRefusal(end.status);
    const found =
      difference(codeName(end.code), expected.code, `the code of ${rpc} ("${end.message}")`) ??
      (expected.reason === '' ? undefined : difference(seen.reason, expected.reason, 'the reason')) ??
      difference(seen.metadata, fill(expected.metadata ?? {}, this.#saved), 'the metadata') ??
      (expected.detail === undefined
        ? undefined
        : difference(seen.detail, fill(expected.detail, this.#saved), 'the detail'));
    if (found !== undefined) throw new Error(found);
    if (expected.field !== '' && !seen.fields.includes(expected.field))
      throw new Error(
        `the violations name ${seen.fields.join(', ') || 'no field'} instead of ${expected.field}`,
      );
    this.#stage.coverage.reasons.add(seen.reason);
  }

  /** The first message of a call says which forest it is about. */
  #encode(rpc: string, request: JsonObject, isFirst = true): Uint8Array {
    const forest = isFirst ? this.#stage.forest : '';
    return encodeRequest(methodOf(rpc), fill(request, this.#saved), forest);
  }

  /** A client that shows that token: one for each, as credentials belong to a client. */
  #clientWith(token: string): number {
    const { driver, address } = this.#stage;
    const client = this.#clients.get(token) ?? driver.connect(address, token);
    this.#clients.set(token, client);
    return client;
  }

  #find(name: string): Begun {
    const begun = this.#begun.get(name);
    if (begun === undefined) throw new Error(`no call was begun as ${name}`);
    return begun;
  }
}

/** What a broker goes by, with what was saved in its place. */
export function rulesOf({ policy, tokens }: Access, saved: Saved): AccessRules {
  return { policy: policy === undefined ? undefined : (fill(policy, saved) as JsonObject), tokens };
}

/** Long enough for a machine that is busy with other things. */
const defaultTimeoutMs = 60_000;

function millisecondsOf({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1_000 + nanos / 1e6;
}

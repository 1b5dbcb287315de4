/** Puts its rule before each method: who may not do what a request asks for is told so before anybody looks at the request. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, DescMethod, DescService, MessageShape } from '@bufbuild/protobuf';
import { assert, unreachable } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Gatekeeper } from '../../access/gatekeeper.ts';
import { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../../gen/hyperloom/v1/schema_service_pb.ts';
import { reject } from '../../state/outcome.ts';
import { undecodable } from '../errors.ts';
import { methodPath } from '../http2/method-table.ts';
import type { Call, Method, Sink, Source } from '../transport.ts';
import type { AuditSink } from './audit-sink.ts';
import type { KnownForests } from './ghost-rights.ts';
import { authorFor, rightsIn } from './need.ts';
import { enterSubscription } from './quota-checks.ts';
import { contextRules, forestRules, lockRules, reviewRules, schemaRules } from './rules.ts';
import type { Rule } from './rules.ts';
import { supervised } from './supervised.ts';
import { visibleError } from './visible-refusal.ts';

type AnyMessage = MessageShape<DescMessage>;
type AnyRule = Rule<AnyMessage>;

/** Rules by service, each of them total for its service. */
const services = [
  [ContextService, contextRules],
  [LockService, lockRules],
  [ReviewService, reviewRules],
  [SchemaService, schemaRules],
  [ForestService, forestRules],
] as const satisfies readonly (readonly [DescService, object])[];

const subscriptions: ReadonlySet<DescMethod> = new Set([
  ContextService.method.subscribe,
  ReviewService.method.subscribeReviews,
]);

/** All rules, by the full names of their methods. */
function ruleTable(): ReadonlyMap<string, AnyRule> {
  const table = new Map<string, AnyRule>();
  for (const [service, rules] of services)
    for (const [name, rule] of Object.entries(rules)) {
      const method = service.methods.find(({ localName }) => localName === name);
      assert(method !== undefined, `a rule for ${service.typeName}.${name}, which is no method`);
      table.set(`/${service.typeName}/${method.name}`, rule as AnyRule);
    }
  return table;
}

export interface GuardOptions {
  readonly gatekeeper: Gatekeeper;
  readonly forests: KnownForests;
  readonly clock: Clock;
  readonly audit: AuditSink;
  /** Has methods wait until this broker has seen what they must not be behind of; `null` where no other broker writes. */
  readonly behind: ((methods: readonly Method[]) => readonly Method[]) | null;
}

/**
 * The methods behind their rules. One that has none is a mistake.
 *
 * Where other brokers write, what this one knows may be too old to ask by: a ghost or a revision that it has not seen yet. So a rule is asked by the
 * request alone first, as if nothing were known, and by the state once that is there. Who may do nothing makes no broker wait.
 */
export function guarded(methods: readonly Method[], options: GuardOptions): readonly Method[] {
  const rules = ruleTable();
  const ruleOf = (method: Method): AnyRule => {
    const rule = rules.get(methodPath(method));
    assert(rule !== undefined, `${methodPath(method)} has no rule of access`);
    return rule;
  };
  const { forests, behind } = options;
  if (behind === null) return methods.map((method) => new Guard(method, ruleOf(method), options).method());
  const asked = methods.map((method) => askedByState(method, ruleOf(method), forests));
  const byRequest = { ...options, forests: nothingKnown };
  return behind(asked).map((method) => new Guard(method, ruleOf(method), byRequest).method());
}

const nothingKnown: KnownForests = {
  get: (name) => reject('FOREST_NOT_FOUND', `nothing is known of ${name} yet`),
};

/** Asks a rule once more, by what is known now. What reads requests one by one asks for each of them by itself. */
function askedByState(method: Method, rule: AnyRule, forests: KnownForests): Method {
  switch (method.kind) {
    case 'unary':
      return {
        ...method,
        async handle(request: AnyMessage, call: Call) {
          await rule.check(request, { caller: call.caller, forests });
          return method.handle(request, call);
        },
      };
    case 'server_streaming':
      return {
        ...method,
        async handle(request: AnyMessage, sink: Sink<AnyMessage>, call: Call) {
          await rule.check(request, { caller: call.caller, forests });
          return method.handle(request, sink, call);
        },
      };
    case 'client_streaming':
    case 'bidi_streaming':
      return method;
    default:
      return unreachable(method);
  }
}

class Guard {
  readonly #method: Method;
  readonly #rule: AnyRule;
  readonly #options: GuardOptions;
  readonly #hasAuthor: boolean;

  constructor(method: Method, rule: AnyRule, options: GuardOptions) {
    this.#method = method;
    this.#rule = rule;
    this.#options = options;
    this.#hasAuthor = method.descriptor.input.fields.some(({ name }) => name === 'author');
  }

  method(): Method {
    const method = this.#method;
    switch (method.kind) {
      case 'unary':
        return this.#unary(method);
      case 'server_streaming':
        return {
          ...method,
          handle: (request: AnyMessage, sink: Sink<AnyMessage>, call: Call) =>
            this.#stream(call, request, (watched) =>
              this.#counted(watched, () => method.handle(request, sink, watched)),
            ),
        };
      case 'client_streaming':
        return {
          ...method,
          handle: (source: Source<AnyMessage>, call: Call) =>
            this.#stream(call, undefined, (watched) => method.handle(this.#each(source, watched), watched)),
        };
      case 'bidi_streaming':
        return this.#bidi(method);
      default:
        return unreachable(method);
    }
  }

  #unary(method: Method & { kind: 'unary' }): Method {
    const handle = async (request: AnyMessage, call: Call): Promise<AnyMessage> =>
      this.#noted(call, request, async () => {
        await this.#check(request, call);
        return this.#seen(request, call, () => method.handle(request, call));
      });
    const bytes = method.handleBytes?.bind(method);
    if (bytes === undefined) return { ...method, handle };
    // What reads its request by itself is not asked for here, unless it asks.
    const { kind, isAskedWithin = false } = this.#rule;
    const isLong = (): boolean => !isAskedWithin || this.#options.audit.isNoted(kind);
    return {
      ...method,
      handle,
      handleBytes: (request: Uint8Array, call: Call) =>
        isLong() ? viaMessages(method, handle, request, call) : bytes(request, call),
    };
  }

  #bidi(method: Method & { kind: 'bidi_streaming' }): Method {
    const handle: typeof method.handle = (source, sink, call) =>
      this.#stream(call, undefined, (watched) => method.handle(source, sink, watched));
    const bytes = method.handleBytes?.bind(method);
    if (bytes === undefined) return { ...method, handle };
    return {
      ...method,
      handle,
      handleBytes: (source, sink, call) =>
        this.#stream(call, undefined, (watched) => bytes(source, sink, watched)),
    };
  }

  /** Serves a stream for as long as its caller may have it. Of one that reads requests, each is checked as it comes. */
  async #stream<Result>(
    call: Call,
    request: AnyMessage | undefined,
    serve: (call: Call) => Promise<Result>,
  ): Promise<Result> {
    const { gatekeeper, clock } = this.#options;
    return this.#noted(call, request, async () => {
      if (request !== undefined) await this.#check(request, call);
      const options = {
        gatekeeper,
        clock,
        // What a subscription shows was chosen at its beginning.
        endsWithRights: request !== undefined,
        check: async (watched: Call) => {
          if (request !== undefined) await this.#check(request, watched);
        },
      };
      return this.#seen(request ?? {}, call, () => supervised(call, options, serve));
    });
  }

  #each(source: Source<AnyMessage>, call: Call): Source<AnyMessage> {
    let isFirst = true;
    return {
      onMessage: (callback) =>
        source.onMessage((request) => {
          // The first one says what the others are about, and the service holds them to it.
          if (isFirst) void this.#check(request, call);
          isFirst = false;
          callback(request);
        }),
      onEnd: (callback) => source.onEnd(callback),
      pause: () => source.pause(),
      resume: () => source.resume(),
    };
  }

  /** A subscription counts for as long as it is open. */
  async #counted<Result>(call: Call, serve: () => Result | Promise<Result>): Promise<Result> {
    if (!subscriptions.has(this.#method.descriptor)) return serve();
    const leave = enterSubscription(call.caller);
    try {
      return await serve();
    } finally {
      leave();
    }
  }

  #check(request: AnyMessage, call: Call): void | Promise<void> {
    const { caller } = call;
    if (this.#hasAuthor) {
      const authored = request as AnyMessage & { author: string };
      authored.author = authorFor(caller, authored.author);
    }
    return this.#rule.check(request, { caller, forests: this.#options.forests });
  }

  /** Of what stands against it, the caller is told what it may read. */
  async #seen<Result>(
    request: object,
    { caller }: Call,
    serve: () => Result | Promise<Result>,
  ): Promise<Result> {
    try {
      return await serve();
    } catch (error) {
      // What asks within speaks of what the request names.
      if (this.#rule.isAskedWithin === true) throw error;
      const { forest = '' } = request as { readonly forest?: string };
      throw visibleError(error, rightsIn(caller, forest));
    }
  }

  /** Has what came of it written down. */
  async #noted<Result>(
    call: Call,
    request: AnyMessage | undefined,
    serve: () => Promise<Result>,
  ): Promise<Result> {
    const { audit } = this.#options;
    const { kind } = this.#rule;
    try {
      const result = await serve();
      audit.done(kind, call, request);
      return result;
    } catch (error) {
      audit.failed(kind, call, request, error);
      throw error;
    }
  }
}

/** Takes the longer way, on which what is asked for can be named. */
async function viaMessages(
  { descriptor }: Method,
  handle: (request: AnyMessage, call: Call) => Promise<AnyMessage>,
  request: Uint8Array,
  call: Call,
): Promise<Uint8Array> {
  const { input, output } = descriptor;
  let message: AnyMessage;
  try {
    message = fromBinary(input, request);
  } catch {
    return undecodable(input.typeName);
  }
  return toBinary(output, await handle(message, call));
}

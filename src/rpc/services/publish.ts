/** `Publish` and `PublishStream`. */
import { create } from '@bufbuild/protobuf';
import { publishesInFlightMax } from '../../base/limits.ts';
import {
  ContextService,
  type PublishStreamRequest,
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Settled } from '../../sequencer/forest.ts';
import { codeOf, messageOf, metadataOf, Refused, violation } from '../errors.ts';
import type { Rejection } from '../../state/outcome.ts';
import { type Call, defineMethod, type Method, type Sink, type Source, statusCodes } from '../transport.ts';
import { publishCommand, publishResponse } from './publish-command.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function publishMethods(context: ServiceContext): readonly Method[] {
  const publish = defineMethod({
    kind: 'unary',
    descriptor: ContextService.method.publish,
    handle: async (request) =>
      publishResponse(await forestOf(context, request.forest).propose(publishCommand(request))),
  });
  const publishStream = defineMethod({
    kind: 'bidi_streaming',
    descriptor: ContextService.method.publishStream,
    handle: (source, sink, call) => new PublishStream(context, source, sink, call).done,
  });
  return [publish, publishStream];
}

/** One stream of publishes. Outcomes leave in the order of the requests, whatever settles first. */
class PublishStream {
  readonly done: Promise<void>;
  readonly #context: ServiceContext;
  readonly #source: Source<PublishStreamRequest>;
  readonly #sink: Sink<PublishStreamResponse>;
  /** Outcomes by the number of their request, from `#told` on; `undefined` while a request has none. */
  readonly #outcomes: (PublishStreamResponse | undefined)[] = [];
  #asked = 0;
  #told = 0;
  #hasEnded = false;
  #isFull = false;
  #isPaused = false;
  readonly #resolve: () => void;

  constructor(
    context: ServiceContext,
    source: Source<PublishStreamRequest>,
    sink: Sink<PublishStreamResponse>,
    call: Call,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#context = context;
    this.#source = source;
    this.#sink = sink;
    call.onCancel(resolve);
    sink.onDrain(() => {
      this.#isFull = false;
      this.#resumeIfRoom();
    });
    source.onEnd(() => {
      this.#hasEnded = true;
      this.#endIfDone();
    });
    source.onMessage((request) => this.#receive(request));
  }

  #receive({ publish }: PublishStreamRequest): void {
    const number = this.#asked;
    this.#asked += 1;
    try {
      if (publish === undefined) violation('publish', 'required');
      const forest = forestOf(this.#context, publish.forest);
      forest.submit(publishCommand(publish), (settled) => this.#settle(number, outcomeMessage(settled)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#settle(number, refusalMessage(error.rejection));
    }
    if (this.#asked - this.#told >= publishesInFlightMax) this.#pause();
  }

  #settle(number: number, outcome: PublishStreamResponse): void {
    this.#outcomes[number % publishesInFlightMax] = outcome;
    if (number !== this.#told) return;
    for (;;) {
      const place = this.#told % publishesInFlightMax;
      const next = this.#outcomes[place];
      if (next === undefined) break;
      this.#outcomes[place] = undefined;
      this.#told += 1;
      if (!this.#sink.write(next)) {
        this.#isFull = true;
        this.#pause();
      }
    }
    this.#resumeIfRoom();
    this.#endIfDone();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  #resumeIfRoom(): void {
    if (!this.#isPaused || this.#isFull || this.#asked - this.#told > publishesInFlightMax / 2) return;
    this.#isPaused = false;
    this.#source.resume();
  }

  #endIfDone(): void {
    if (this.#hasEnded && this.#told === this.#asked) this.#resolve();
  }
}

function outcomeMessage(settled: Settled): PublishStreamResponse {
  const { outcome } = settled;
  if (outcome.kind === 'rejected') return refusalMessage(outcome);
  return create(PublishStreamResponseSchema, {
    outcome: { case: 'published', value: publishResponse(settled) },
  });
}

function refusalMessage(rejection: Rejection): PublishStreamResponse {
  const value = {
    code: statusCodes[codeOf(rejection.reason)],
    message: messageOf(rejection),
    reason: rejection.reason,
    metadata: metadataOf(rejection),
  };
  return create(PublishStreamResponseSchema, { outcome: { case: 'refused', value } });
}

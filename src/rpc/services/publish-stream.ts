/** One stream of publishes, many of them in flight. Outcomes leave in the order of the requests, whatever settles first. */
import { create, toBinary } from '@bufbuild/protobuf';
import { operationsPerTurnMax, publishesInFlightMax } from '../../base/limits.ts';
import {
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest, Settled } from '../../sequencer/forest.ts';
import type { Rejection } from '../../state/outcome.ts';
import { visibleSettled } from '../access/visible-refusal.ts';
import { codeOf, messageOf, metadataOf, Refused, violationsOf } from '../errors.ts';
import { type Call, EncodedMessage, type Sink, type Source, statusCodes } from '../transport.ts';
import { framePublished } from './publish-bytes.ts';
import type { PublishTo } from './publish-bytes.ts';
import { spannedDiff, type SpannedPublish } from './publish-span.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export interface PublishStreamOptions<Request> {
  readonly context: ServiceContext;
  readonly source: Source<Request>;
  readonly sink: Pick<Sink<PublishStreamResponse>, 'writeEncoded' | 'onDrain'>;
  readonly call: Call;
  /** Reads and checks one request. Throws `Refused` where only this one is at fault, anything else to end the stream. */
  readonly read: (request: Request) => PublishTo;
  /** Runs a callback once the event loop has looked at everything else. Default: `setImmediate`. */
  readonly defer?: (callback: () => void) => void;
}

export class PublishStream<Request> {
  /**
   * Resolves when the client has ended and everything was told, or when nobody waits any more. Rejects when the connection is to end and
   * everything that was taken was told: the client sends the rest again on another.
   */
  readonly done: Promise<void>;
  readonly #options: PublishStreamOptions<Request>;
  readonly #defer: (callback: () => void) => void;
  /** Outcomes that came before those of earlier requests: refusals, and what happened in ghosts. */
  readonly #early = new Map<number, EncodedMessage>();
  #asked = 0;
  #told = 0;
  #hasEnded = false;
  #isFull = false;
  #isPaused = false;
  /** What was taken in this turn of the event loop, or since the last one that was given away. */
  #operationsTaken = 0;
  #isYielding = false;
  /** Ends the waits for locks. */
  readonly #waiting = new Set<() => void>();
  #isCancelled = false;
  /** Why the connection is to end, once it is: then nothing more is taken. */
  #leaving: Rejection | undefined;
  readonly #resolve: () => void;
  readonly #reject: (error: Refused) => void;

  constructor(options: PublishStreamOptions<Request>) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#options = options;
    this.#defer = options.defer ?? setImmediate;
    const { source, sink, call } = options;
    call.onCancel(() => this.#cancel());
    sink.onDrain(() => {
      this.#isFull = false;
      this.#resumeIfRoom();
    });
    source.onEnd(() => {
      this.#hasEnded = true;
      this.#endIfDone();
    });
    source.onMessage((request) => this.#receive(request));
    call.onLeave((rejection) => this.#leave(rejection));
  }

  #leave(rejection: Rejection): void {
    this.#leaving = rejection;
    this.#pause();
    this.#endIfDone();
  }

  #receive(request: Request): void {
    const { context, read, call } = this.#options;
    const number = this.#asked;
    this.#asked += 1;
    try {
      const { forest: name, command: asked, waitMs } = read(request);
      this.#operationsTaken += asked.operations.length;
      const forest = forestOf(context, name);
      const onSettled = (settled: Settled): void =>
        this.#settle(number, this.#outcome(visibleSettled(settled, call.caller, forest.name)));
      const publish = spannedDiff(context, forest.name, { command: asked, settle: onSettled });
      if (waitMs === 0) forest.submit(publish.command, publish.settle);
      else this.#wait(forest, publish, waitMs);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#operationsTaken += 1;
      this.#settle(number, this.#refusal(error.rejection));
    }
    if (this.#asked - this.#told >= publishesInFlightMax) this.#pause();
    if (this.#operationsTaken >= operationsPerTurnMax) this.#yield();
  }

  /** Lets a diff wait for locks. Those behind it take effect meanwhile; their outcomes are told behind its own. */
  #wait(forest: Forest, { command, settle }: SpannedPublish, waitMs: number): void {
    const { deadlineMs } = this.#options.call;
    let giveUp: (() => void) | undefined;
    const onCancel = (callback: () => void): void => {
      giveUp = callback;
      if (this.#isCancelled) callback();
      else this.#waiting.add(callback);
    };
    forest.write(command, { waitMs, deadlineMs, onCancel }, (settled) => {
      if (giveUp !== undefined) this.#waiting.delete(giveUp);
      settle(settled);
    });
  }

  #cancel(): void {
    this.#isCancelled = true;
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
    this.#resolve();
  }

  /**
   * Gives the event loop a turn. One read of a busy connection holds hundreds of diffs; taken all at once they would keep the
   * disk's answers, the outcomes of those before, and everybody else waiting, and the client would wait for its window meanwhile.
   */
  #yield(): void {
    this.#operationsTaken = 0;
    if (this.#isYielding) return;
    this.#isYielding = true;
    this.#pause();
    this.#defer(() => {
      this.#isYielding = false;
      this.#resumeIfRoom();
    });
  }

  #settle(number: number, outcome: EncodedMessage): void {
    if (number !== this.#told) {
      this.#early.set(number, outcome);
      return;
    }
    this.#tell(outcome);
    while (this.#early.size > 0) {
      const next = this.#early.get(this.#told);
      if (next === undefined) break;
      this.#early.delete(this.#told);
      this.#tell(next);
    }
    this.#resumeIfRoom();
    this.#endIfDone();
  }

  #tell(outcome: EncodedMessage): void {
    this.#told += 1;
    if (!this.#options.sink.writeEncoded(outcome)) {
      this.#isFull = true;
      this.#pause();
    }
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.source.pause();
  }

  #resumeIfRoom(): void {
    if (!this.#isPaused || this.#isYielding || this.#isFull || this.#leaving !== undefined) return;
    if (this.#asked - this.#told > publishesInFlightMax / 2) return;
    this.#isPaused = false;
    this.#options.source.resume();
  }

  #endIfDone(): void {
    if (this.#told !== this.#asked) return;
    if (this.#hasEnded) this.#resolve();
    else if (this.#leaving !== undefined) this.#reject(new Refused(this.#leaving));
  }

  #outcome({ outcome, repeated }: Settled): EncodedMessage {
    if (outcome.kind === 'rejected') return this.#refusal(outcome);
    if (outcome.kind !== 'published') throw new TypeError(`a publish came out as ${outcome.kind}`);
    return EncodedMessage.ofFrame(framePublished(outcome, repeated));
  }

  #refusal(rejection: Rejection): EncodedMessage {
    this.#options.context.onDiffRefused(rejection);
    return refusalOf(rejection);
  }
}

function refusalOf(rejection: Rejection): EncodedMessage {
  const value = {
    code: statusCodes[codeOf(rejection.reason)],
    message: messageOf(rejection),
    reason: rejection.reason,
    metadata: metadataOf(rejection),
    violations: violationsOf(rejection),
  };
  const message = create(PublishStreamResponseSchema, { outcome: { case: 'refused', value } });
  return new EncodedMessage(toBinary(PublishStreamResponseSchema, message));
}

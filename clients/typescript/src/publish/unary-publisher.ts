/**
 * Publishes with one `Publish` call after another: for browsers, whose transports have no bidirectional streams. One at a
 * time, because only so do diffs take effect in the order of the calls.
 */
import { create, fromBinary } from '@bufbuild/protobuf';
import type { Caller } from '../caller.ts';
import { closedError } from '../closed-error.ts';
import { makeError, type HyperloomError } from '../errors.ts';
import {
  ContextService,
  PublishRequestSchema,
  PublishStreamRequestSchema,
  type PublishRequest,
  type PublishResponse,
} from '../gen/hyperloom/v1/context_service_pb.ts';
import { publishesQueuedMax } from '../limits.ts';
import type { CallLimits } from '../transport.ts';
import type { Diff, OutcomeObserver, Published, Publisher } from './diff.ts';
import { writePublishStreamRequest } from './encode.ts';
import { Writer } from './writer.ts';

export class UnaryPublisher implements Publisher {
  readonly #caller: Caller;
  readonly #writer = new Writer();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async publish(diff: Diff, limits: CallLimits, observer: OutcomeObserver): Promise<Published> {
    if (this.#closed) throw closedError();
    if (this.#waiting >= publishesQueuedMax) throw tooManyWaiting();
    // Encoded at once, so that a caller may reuse its values.
    const request = publishRequest(this.#writer, diff);
    this.#waiting += 1;
    const outcome = publishBehind(this.#caller, this.#last, request, limits);
    // One that is given up while it waits does not let the next one past those before it.
    this.#last = Promise.allSettled([this.#last, outcome]);
    try {
      return observed(await outcome, observer);
    } finally {
      this.#waiting -= 1;
    }
  }

  async ready(): Promise<void> {
    await this.#last;
  }

  async flush(): Promise<void> {
    await this.#last;
  }

  close(): void {
    this.#closed = true;
  }
}

/** Publishes a diff that may wait for locks with a call of its own, behind all that were published before: those after it need not wait. */
export async function publishApart(
  caller: Caller,
  publisher: Publisher,
  diff: Diff,
  limits: CallLimits,
  observer: OutcomeObserver,
): Promise<Published> {
  const request = publishRequest(new Writer(), diff);
  return observed(await publishBehind(caller, publisher.flush(), request, limits), observer);
}

/** The limits hold from now on, for the wait as well. */
async function publishBehind(
  caller: Caller,
  earlier: Promise<unknown>,
  request: PublishRequest,
  limits: CallLimits,
): Promise<PublishResponse> {
  const left = await caller.behind(earlier, limits);
  return caller.unary(ContextService.method.publish, request, left);
}

/** The request, made by the one encoder of all publishers. */
function publishRequest(writer: Writer, diff: Diff): PublishRequest {
  writer.clear();
  writePublishStreamRequest(writer, diff);
  // A copy, because the message keeps pointing into it and the writer is used again before the message is sent.
  const bytes = writer.bytes.slice(0, writer.length);
  return fromBinary(PublishStreamRequestSchema, bytes).publish ?? create(PublishRequestSchema);
}

function observed(response: PublishResponse, observer: OutcomeObserver): Published {
  const { revision, sequence, repeated, edition } = response;
  const published = {
    revision: Number(revision),
    sequence: Number(sequence),
    repeated,
    edition: Number(edition),
  };
  observer.onPublished(published);
  return published;
}

function tooManyWaiting(): HyperloomError {
  return makeError({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'QUOTA_EXCEEDED',
    message: `${publishesQueuedMax} publishes wait for their outcomes: await them before publishing more`,
    metadata: { limit: 'publishesQueuedMax', maximum: String(publishesQueuedMax) },
  });
}

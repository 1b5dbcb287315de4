/** Follows a subtree through broken connections and crashes, and makes a copy of it from nothing but what it is told. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type {
  SubscribeRequestSchema,
  SubscribeResponse,
} from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Change } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import type { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { SubscriberRecord } from '../history.ts';
import { applyTexts, textOf } from '../model.ts';

type SubscribeInit = MessageInitShape<typeof SubscribeRequestSchema>;
type Start = NonNullable<SubscribeInit['start']>;

export async function subscribe(client: Client, prefix: string): Promise<void> {
  const record: SubscriberRecord = { client: client.name, prefix, seen: [], broken: [] };
  client.history.subscribers.push(record);
  const copy = new Copy(record);
  while (client.isOpen) {
    const failure = await follow(client, prefix, copy);
    const isGone = failure?.reason === 'REVISION_COMPACTED' && client.history.compactedMax > copy.revision;
    if (isGone) copy.forget();
    else if (failure !== null && !failure.isUnknown)
      record.broken.push(`ended with ${failure.code} ${failure.reason}`);
    await client.sleep(15);
  }
}

function follow(client: Client, prefix: string, copy: Copy): Promise<CallFailure | null> {
  const request: SubscribeInit = {
    patterns: [prefix === '/' ? '/**' : `${prefix}/**`],
    start: copy.start(client.below(2) === 0),
    bookmarkInterval: { seconds: 0n, nanos: 100_000_000 },
  };
  return new Promise((resolve) => {
    const stream = client.stream(ContextService.method.subscribe, request, {
      message: (response) => copy.take(response),
      end: resolve,
    });
    untilItLeaves(client, () => {
      stream.cancel();
      resolve(null);
    });
  });
}

/** Calls `leave` when a subscriber has had enough: sooner or later, or when there is no more work. */
export function untilItLeaves(client: Client, leave: () => void): void {
  const { scheduler, pace } = client.surroundings;
  const look = (): void => {
    const isEnough = client.below(40) === 0;
    if (client.isOpen && !isEnough) {
      scheduler.after(20 * pace, look);
      return;
    }
    if (client.isOpen) client.fault('subscriber vanished');
    leave();
  };
  look();
}

class Copy {
  readonly #record: SubscriberRecord;
  #state = new Map<string, string>();
  #revision = 0;
  #position = 0;
  /** Parts of an event or a snapshot that is not whole yet. */
  #parts: Change[] = [];
  #snapshot: Map<string, string> | null = null;

  constructor(record: SubscriberRecord) {
    this.#record = record;
  }

  get revision(): number {
    return this.#revision;
  }

  start(byPosition: boolean): Start {
    this.#parts = [];
    this.#snapshot = null;
    if (this.#revision === 0) return { case: 'snapshot', value: {} };
    if (byPosition && this.#position > 0) return { case: 'afterPosition', value: BigInt(this.#position) };
    return { case: 'afterRevision', value: BigInt(this.#revision) };
  }

  forget(): void {
    this.#state = new Map();
    this.#revision = 0;
    this.#position = 0;
  }

  take({ message }: SubscribeResponse): void {
    switch (message.case) {
      case 'snapshot': {
        this.#snapshot ??= new Map();
        for (const { path, value } of message.value.nodes)
          if (value !== undefined) this.#snapshot.set(path, textOf(value));
        return;
      }
      case 'bookmark': {
        const { revision, position } = message.value;
        if (this.#snapshot !== null) this.#state = this.#snapshot;
        this.#snapshot = null;
        if (Number(revision) < this.#revision)
          this.#record.broken.push(`bookmark ${revision} after revision ${this.#revision}`);
        this.#note(Number(revision), Number(position));
        return;
      }
      case 'event': {
        const { revision, position, changes, partsLeft } = message.value;
        this.#parts.push(...changes);
        if (partsLeft > 0) return;
        if (Number(revision) <= this.#revision)
          this.#record.broken.push(`revision ${revision} after revision ${this.#revision}`);
        if (this.#snapshot !== null) this.#record.broken.push('an event before the snapshot was complete');
        applyTexts(this.#state, this.#parts);
        this.#parts = [];
        this.#note(Number(revision), Number(position));
        return;
      }
      default:
        this.#record.broken.push('an empty message');
    }
  }

  #note(revision: number, position: number): void {
    this.#revision = revision;
    this.#position = position;
    this.#record.seen.push({ revision, state: new Map(this.#state) });
  }
}

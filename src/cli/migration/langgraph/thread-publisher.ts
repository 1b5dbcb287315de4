/** Brings the diffs of one thread to the broker: in their order, several on their way at the same time, with the texts and bytes that they name. */
import {
  json,
  operation,
  precondition,
  type Client,
  type Operation,
  type Precondition,
} from '../../../../clients/typescript/src/index.ts';
import { attachedOperationsMax, bytesInFlightMax, diffBytesAhead, diffsInFlightMax } from '../limits.ts';
import type { Attached } from './encoded.ts';

/** A diff of a thread. */
export interface ThreadDiff {
  readonly operations: readonly Operation[];
  /** Their bytes, about. */
  readonly size: number;
  readonly attached: Attached;
  readonly preconditions: readonly Precondition[];
  readonly label: string;
}

export class ThreadPublisher {
  readonly #client: Client;
  readonly #path: string;
  /** The revision of `T/swept`, which names the thread's incarnation; 0: the thread is not there. */
  #incarnation: number;
  /** Digests of texts and bytes that are there, or on their way. */
  readonly #stored = new Set<string>();
  readonly #flights: { readonly size: number; readonly done: Promise<unknown> }[] = [];
  #inFlight = 0;

  constructor(client: Client, path: string, incarnation: number) {
    this.#client = client;
    this.#path = path;
    this.#incarnation = incarnation;
  }

  /** Sends a diff on its way. What became of an earlier one may be thrown here. */
  async publish({ operations, size, attached, preconditions, label }: ThreadDiff): Promise<void> {
    const missing = this.#missing(attached);
    const whole = missing.reduce((sum, each) => sum + each.size, size);
    const isAhead = whole > diffBytesAhead || missing.length > attachedOperationsMax;
    if (isAhead) await this.#ahead(missing);
    const along = isAhead ? [] : missing.map((each) => each.operation);
    const swept = `${this.#path}/swept`;
    if (this.#incarnation > 0) {
      const condition = precondition.modifiedRevision(swept, this.#incarnation);
      await this.#fly([...along, ...operations], whole, {
        preconditions: [condition, ...preconditions],
        label,
      });
      return;
    }
    // All that comes later relies on the revision of this one.
    const begun = [operation.put(swept, json('0')), ...along, ...operations];
    const conditions = [precondition.absent(swept), ...preconditions];
    this.#incarnation = (await this.#client.publish(begun, { preconditions: conditions, label })).revision;
  }

  /** Waits for all that is on its way. Throws the first failure. */
  async settled(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#flights.map(({ done }) => done));
    this.#flights.length = 0;
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #fly(
    operations: readonly Operation[],
    size: number,
    options: { readonly preconditions?: readonly Precondition[]; readonly label: string },
  ): Promise<void> {
    while (
      this.#flights.length >= diffsInFlightMax ||
      (this.#inFlight > 0 && this.#inFlight + size > bytesInFlightMax)
    ) {
      const oldest = this.#flights[0];
      if (oldest === undefined) break;
      await oldest.done;
      this.#flights.shift();
      this.#inFlight -= oldest.size;
    }
    await this.#client.ready();
    const done = this.#client.publish(operations, options);
    // Whoever waits for it hears of a failure; until then nobody does.
    done.catch(() => undefined);
    this.#flights.push({ size, done });
    this.#inFlight += size;
  }

  /** Texts and bytes mean nothing alone, so they may go in diffs of their own. */
  async #ahead(missing: readonly Attachment[]): Promise<void> {
    let batch: Operation[] = [];
    let size = 0;
    for (const [index, each] of missing.entries()) {
      batch.push(each.operation);
      size += each.size;
      const isFull = size >= diffBytesAhead || batch.length >= attachedOperationsMax;
      if (!isFull && index < missing.length - 1) continue;
      await this.#fly(batch, size, { label: 'texts' });
      batch = [];
      size = 0;
    }
  }

  #missing({ texts, bytes }: Attached): readonly Attachment[] {
    const missing: Attachment[] = [];
    const note = (digest: string, kind: 'texts' | 'bytes', content: string | Uint8Array): void => {
      if (this.#stored.has(digest)) return;
      this.#stored.add(digest);
      missing.push({
        operation: operation.put(`${this.#path}/${kind}/${digest}`, content),
        size: content.length,
      });
    };
    for (const [digest, text] of texts) note(digest, 'texts', text);
    for (const [digest, piece] of bytes) note(digest, 'bytes', piece);
    return missing;
  }
}

interface Attachment {
  readonly operation: Operation;
  readonly size: number;
}

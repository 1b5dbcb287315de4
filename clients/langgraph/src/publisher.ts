/** Brings diffs of a thread to the broker: with the texts that they name, and under what they rely on. */
import {
  json,
  operation,
  precondition,
  type Client,
  type Operation,
  type Precondition,
  type Published,
} from '@hyperloom/client';
import { diffBytesAhead } from './limits.ts';
import type { Memory, ThreadMemory } from './memory.ts';
import { bytesPath, sweptPath, textPath } from './names.ts';
import type { Place } from './place.ts';
import type { Attachments } from './serializer.ts';

/** A diff of a thread. */
export interface ThreadDiff {
  readonly place: Place;
  /** The incarnation that it relies on; its number must be known. */
  readonly thread: ThreadMemory;
  readonly operations: readonly Operation[];
  /** Their bytes, about. */
  readonly size: number;
  readonly attached: Attachments;
  readonly preconditions: readonly Precondition[];
  /** Whether those already fail where anything was taken away from the thread. */
  readonly isGuarded: boolean;
  readonly label: string;
}

interface Attachment {
  readonly digest: string;
  readonly operation: Operation;
  readonly size: number;
}

export class ThreadPublisher {
  readonly #client: Client;
  readonly #memory: Memory;

  constructor(client: Client, memory: Memory) {
    this.#client = client;
    this.#memory = memory;
  }

  /**
   * Publishes it with those texts and bytes that are not in the thread yet. Returns what is known of the thread afterwards. Throws
   * `PreconditionFailedError` where what it relies on does not hold any more.
   */
  async publish(diff: ThreadDiff): Promise<{ readonly published: Published; readonly thread: ThreadMemory }> {
    const { place, thread, attached } = diff;
    const missing = missingOf(diff);
    const isRelying =
      !diff.isGuarded &&
      (attached.relied.size > 0 || missing.length < attached.texts.size + attached.bytes.size);
    const { operations, preconditions } = incarnationOf(place, thread, isRelying);
    const size = missing.reduce((sum, each) => sum + each.size, diff.size);
    const isAhead = size > diffBytesAhead;
    if (isAhead) await this.#ahead(missing);
    const published = await this.#client.publish(
      [...operations, ...(isAhead ? [] : missing.map((each) => each.operation)), ...diff.operations],
      { preconditions: [...preconditions, ...diff.preconditions], label: diff.label },
    );
    const after =
      thread.incarnation === 0 ? this.#memory.inIncarnation(place.thread, published.revision) : thread;
    for (const [digest, text] of attached.texts) {
      after.stored.add(digest);
      this.#memory.noteText(digest, text);
    }
    for (const [digest, bytes] of attached.bytes) {
      after.stored.add(digest);
      this.#memory.noteBytes(digest, bytes);
    }
    return { published, thread: after };
  }

  /** Texts and bytes mean nothing alone, so they may go in diffs of their own. */
  async #ahead(missing: readonly Attachment[]): Promise<void> {
    const waiting: Promise<unknown>[] = [];
    let batch: Operation[] = [];
    let size = 0;
    for (const [index, each] of missing.entries()) {
      batch.push(each.operation);
      size += each.size;
      if (size < diffBytesAhead && index < missing.length - 1) continue;
      await this.#client.ready();
      waiting.push(this.#client.publish(batch, { label: 'texts' }));
      batch = [];
      size = 0;
    }
    await Promise.all(waiting);
  }
}

function missingOf({ place, thread, attached }: ThreadDiff): Attachment[] {
  const missing: Attachment[] = [];
  for (const [digest, text] of attached.texts) {
    if (thread.stored.has(digest)) continue;
    missing.push({
      digest,
      operation: operation.put(textPath(place.thread, digest), text),
      size: text.length,
    });
  }
  for (const [digest, bytes] of attached.bytes) {
    if (thread.stored.has(digest)) continue;
    missing.push({
      digest,
      operation: operation.put(bytesPath(place.thread, digest), bytes),
      size: bytes.length,
    });
  }
  return missing;
}

/** The first diff of a thread names its incarnation; others rely on it where they leave texts out that are there. */
function incarnationOf(
  place: Place,
  thread: ThreadMemory,
  isRelying: boolean,
): { readonly operations: readonly Operation[]; readonly preconditions: readonly Precondition[] } {
  const path = sweptPath(place.thread);
  const { incarnation = 0 } = thread;
  if (incarnation === 0)
    return { operations: [operation.put(path, json('0'))], preconditions: [precondition.absent(path)] };
  return {
    operations: [],
    preconditions: isRelying ? [precondition.modifiedRevision(path, incarnation)] : [],
  };
}

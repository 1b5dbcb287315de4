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
    const { place, attached } = diff;
    const thread = await this.#withoutComing(diff);
    const missing = missingOf(diff, thread);
    const isRelying =
      !diff.isGuarded &&
      (attached.relied.size > 0 || missing.length < attached.texts.size + attached.bytes.size);
    const { operations, preconditions } = incarnationOf(place, thread, isRelying);
    const size = missing.reduce((sum, each) => sum + each.size, diff.size);
    const publishing = this.#send(
      [...operations, ...diff.operations],
      missing,
      { preconditions: [...preconditions, ...diff.preconditions], label: diff.label },
      size > diffBytesAhead,
    );
    const { coming } = thread;
    for (const { digest } of missing) coming.set(digest, publishing);
    let published: Published;
    try {
      published = await publishing;
    } finally {
      for (const { digest } of missing) if (coming.get(digest) === publishing) coming.delete(digest);
    }
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

  /**
   * What is known of the thread once nothing that the diff names is on its way any more. LangGraph puts an input and the writes of it at the same
   * time, and both name its messages: who comes second waits, rather than send them again.
   */
  async #withoutComing({ place, thread, attached }: ThreadDiff): Promise<ThreadMemory> {
    for (;;) {
      const first = comingOf(thread, attached);
      if (first === undefined) break;
      await first.catch(() => undefined);
    }
    // The thread has begun meanwhile; a diff for one that is not there relies on nothing in it.
    const newest = thread.incarnation === 0 ? this.#memory.thread(place.thread) : thread;
    return newest.incarnation === undefined ? thread : newest;
  }

  async #send(
    operations: readonly Operation[],
    missing: readonly Attachment[],
    options: { readonly preconditions: readonly Precondition[]; readonly label: string },
    isAhead: boolean,
  ): Promise<Published> {
    if (isAhead) await this.#ahead(missing);
    const along = isAhead ? [] : missing.map(({ operation: each }) => each);
    return this.#client.publish([...along, ...operations], options);
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

/** A publish under way that brings what is named. */
function comingOf({ coming }: ThreadMemory, { texts, bytes }: Attachments): Promise<unknown> | undefined {
  if (coming.size === 0) return undefined;
  for (const named of [texts, bytes])
    for (const digest of named.keys()) {
      const publishing = coming.get(digest);
      if (publishing !== undefined) return publishing;
    }
  return undefined;
}

function missingOf({ place, attached }: ThreadDiff, thread: ThreadMemory): Attachment[] {
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

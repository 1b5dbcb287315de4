/** One chat in one request: what was there when it was opened, and what is to be kept of it. */
import {
  Ghost,
  Json,
  operation,
  precondition,
  PreconditionFailedError,
  type Operation,
  type Precondition,
} from '@hyperloom/client';
import type { BrokerVerbs } from '@hyperloom/client/adapters';
import { generateId, type UIMessage } from 'ai';
import { bytesOf, deltaOf, type WantedMessage } from './delta.ts';
import { ChatStoreError, telling } from './errors.ts';
import { deadStreams } from './interrupted.ts';
import { attemptsMax, diffBytesMax, operationsPerDiffMax } from './limits.ts';
import { Recording } from './recording.ts';
import { headPath, readChat, streamPath, type Head, type StoredChat, type StoredMessage } from './stored.ts';
import { wantedMessages } from './wanted.ts';

/** What a chat needs of the store that has opened it. */
export interface ChatPlace {
  readonly id: string;
  readonly path: string;
  readonly verbs: BrokerVerbs;
  /** Told of what goes on after the response, as in `after` of Next.js. */
  onRecording(settled: Promise<void>): void;
}

/** What the SDK's `onEnd` (`onFinish` in older versions) hands over. */
interface Finished<UI_MESSAGE> {
  readonly messages: readonly UI_MESSAGE[];
}

/** What the SDK's `consumeSseStream` hands over. */
interface SseStream {
  readonly stream: ReadableStream<string>;
}

/** Options of `toUIMessageStream`, and of the response, with which a chat is kept. */
export interface KeepingOptions<UI_MESSAGE> {
  readonly originalMessages: UI_MESSAGE[];
  readonly generateMessageId: () => string;
  readonly onEnd: (finished: Finished<UI_MESSAGE>) => Promise<void>;
  readonly consumeSseStream: (source: SseStream) => void;
}

export class Chat<UI_MESSAGE extends UIMessage = UIMessage> {
  readonly id: string;
  /** Where it lies in the tree. */
  readonly path: string;
  /** An answer whose process died while it was given, as far as it came. Nothing has kept it yet but the record of its stream. */
  readonly interrupted: UI_MESSAGE | undefined;
  /** Whether an answer was being given when the chat was opened. */
  readonly isStreaming: boolean;
  readonly #place: ChatPlace;
  #messages: readonly UI_MESSAGE[];
  /** What this handle knows: what of it is not wanted any more is deleted. */
  #base: readonly StoredMessage[];
  /** What is there, as far as is known. Wrong knowledge costs one attempt. */
  #current: Pick<StoredChat, 'head' | 'messages'> | undefined;
  #leftovers: readonly string[];
  #recording: Recording | undefined;
  #lastSave: Promise<void> = Promise.resolve();

  /** Not for programs: use `chats.open()`. */
  constructor(
    place: ChatPlace,
    stored: StoredChat,
    messages: readonly UI_MESSAGE[],
    interrupted: UI_MESSAGE | undefined,
  ) {
    this.#place = place;
    this.id = place.id;
    this.path = place.path;
    this.interrupted = interrupted;
    this.isStreaming = stored.streaming !== undefined;
    this.#messages = messages;
    this.#base = stored.messages;
    this.#current = stored;
    this.#leftovers = deadStreams(stored);
  }

  /** The messages as they were when the chat was opened, or last saved through this handle. */
  get messages(): UI_MESSAGE[] {
    return [...this.#messages];
  }

  /**
   * Makes the chat hold these messages, and stores what has changed and nothing else. What others have added since this handle was opened stays.
   * Resolves when it is durable. Throws the SDK's `InvalidArgumentError`, before anything is stored, and {@link ChatStoreError}s.
   */
  save(messages: readonly UI_MESSAGE[]): Promise<void> {
    return this.#save(messages, undefined);
  }

  /** For `toUIMessageStream({ stream, originalMessages, onEnd: chat.onEnd })`, or `onFinish` where that is its name: saves all messages. */
  readonly onEnd = ({ messages }: Finished<UI_MESSAGE>): Promise<void> =>
    this.#save(messages, this.#recording?.stream);

  /** For `createUIMessageStreamResponse({ stream, consumeSseStream: chat.consumeSseStream })`: stores the answer while it is given, for `chats.resume()`. */
  readonly consumeSseStream = ({ stream }: SseStream): void => {
    const { verbs, path } = this.#place;
    this.#recording = new Recording(verbs, path, generateId(), stream);
    this.#place.onRecording(this.#recording.settled);
  };

  /** All of that: `result.toUIMessageStreamResponse(chat.keep(messages))`. */
  keep(messages: readonly UI_MESSAGE[]): KeepingOptions<UI_MESSAGE> {
    const { onEnd, consumeSseStream } = this;
    return {
      originalMessages: [...messages],
      generateMessageId: generateId,
      onEnd,
      consumeSseStream,
    };
  }

  /** Resolves when what is being recorded is stored; rejects with what went wrong. */
  async settled(): Promise<void> {
    await this.#recording?.settled;
  }

  #save(messages: readonly UI_MESSAGE[], saved: string | undefined): Promise<void> {
    const store = async (): Promise<void> => {
      const wanted = wantedMessages(messages);
      await telling(`save chat ${JSON.stringify(this.id)}`, () => this.#write(wanted, saved));
      this.#messages = [...messages];
    };
    // One after the other: each goes by what the one before has left.
    const done = this.#lastSave.then(store, store);
    this.#lastSave = done;
    done.catch(() => undefined);
    return done;
  }

  async #write(wanted: readonly WantedMessage[], saved: string | undefined): Promise<void> {
    const { verbs, path } = this.#place;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const { head, messages } = this.#current ?? (await readChat(verbs, path));
      this.#current = undefined;
      const delta = deltaOf(path, this.#base, messages, wanted, head.next);
      const cleaning = this.#leftovers.map((stream) => operation.delete(streamPath(path, stream)));
      const operations = [...delta.operations, ...cleaning];
      const after = { next: delta.next, saved: saved ?? head.saved };
      const isNew = operations.length > 0 || after.saved !== head.saved;
      const written = isNew ? await this.#publish(operations, head, after) : head;
      if (written === undefined) continue;
      this.#base = delta.own;
      this.#leftovers = [];
      if (!(verbs instanceof Ghost)) this.#current = { head: written, messages: delta.messages };
      return;
    }
    throw new ChatStoreError(
      `others wrote to the chat at ${path} ${attemptsMax} times before this could: try again, or find out what writes in a loop`,
    );
  }

  /** The head afterwards. `undefined`: somebody else has written since. */
  async #publish(
    operations: readonly Operation[],
    before: Head,
    after: Pick<Head, 'next' | 'saved'>,
  ): Promise<Head | undefined> {
    const { verbs, path } = this.#place;
    const isGhost = verbs instanceof Ghost;
    let head = before;
    const value = new Json(
      JSON.stringify(after.saved === '' ? { next: after.next } : { next: after.next, saved: after.saved }),
    );
    try {
      for (const batch of batchesOf(operations)) {
        const preconditions = [unchanged(headPath(path), head, isGhost)];
        const all = [...batch, operation.put(headPath(path), value)];
        const { revision } = await verbs.publish(all, { preconditions, label: 'save the chat' });
        head = { ...after, revision, version: head.version + 1 };
      }
      return head;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return undefined;
      throw error;
    }
  }
}

/** Holds as long as nobody has written to the chat since. */
function unchanged(path: string, { revision, version }: Head, isGhost: boolean): Precondition {
  if (version === 0) return precondition.absent(path);
  return isGhost ? precondition.version(path, version) : precondition.modifiedRevision(path, revision);
}

/** Operations cut into what one diff can hold; at least one diff. */
function batchesOf(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const batches: Operation[][] = [[]];
  let bytes = 0;
  for (const step of operations) {
    const last = batches.at(-1) ?? [];
    bytes += bytesOf(step);
    if (last.length > 0 && (last.length === operationsPerDiffMax || bytes > diffBytesMax)) {
      batches.push([step]);
      bytes = bytesOf(step);
    } else last.push(step);
  }
  return batches;
}

/** The store of chats: opens them, follows answers that are being given, deletes them. */
import type { Client } from '@hyperloom/client';
import { openBroker, subtreeOf, type Broker, type BrokerVerbs } from '@hyperloom/client/adapters';
import { UI_MESSAGE_STREAM_HEADERS, validateUIMessages, type UIMessage, type UIMessageChunk } from 'ai';
import { Chat } from './chat.ts';
import { refused, telling } from './errors.ts';
import { followStream } from './follow.ts';
import { interruptedAnswer } from './interrupted.ts';
import { sseEnd, sseEvent } from './sse.ts';
import { readChat, wholeMessage } from './stored.ts';

export interface HyperloomChatsOptions {
  /** A path that chats lie below, each as a subtree named by its id. Default: none, a chat is a tree. */
  readonly root?: string | undefined;
  /** Whose name is on what is written, where the store has a connection of its own. */
  readonly author?: string | undefined;
  /** Told of work that goes on after the response, where a platform stops processes then: `after` of Next.js. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** What stored messages are checked with, as `validateUIMessages` takes it. Without any of it, that they are messages. */
export type Validation<UI_MESSAGE extends UIMessage> = Omit<
  Parameters<typeof validateUIMessages<UI_MESSAGE>>[0],
  'messages'
>;

/**
 * Chats of the AI SDK, each a subtree. With an address it has a connection of its own, which `close()` ends; with a ghost, all that is said is
 * seen outside only when that is committed. Throws the SDK's `InvalidArgumentError` for bad input, its `TypeValidationError` for stored messages that
 * do not fit, and `ChatStoreError`s.
 */
export class HyperloomChats implements AsyncDisposable {
  readonly #verbs: BrokerVerbs;
  readonly #owned: Client | undefined;
  readonly #root: string;
  readonly #waitUntil: (work: Promise<unknown>) => void;
  readonly #recordings = new Set<Promise<void>>();

  constructor(broker?: Broker, options: HyperloomChatsOptions = {}) {
    const { verbs, owned } = openBroker(broker, options.author);
    this.#verbs = verbs;
    this.#owned = owned;
    this.#root = options.root ?? '';
    this.#waitUntil = options.waitUntil ?? (() => undefined);
  }

  /** Opens a chat for one request. One that nobody has written to is empty: chats need not be created. */
  async open<UI_MESSAGE extends UIMessage = UIMessage>(
    id: string,
    validation: Validation<UI_MESSAGE> = {},
  ): Promise<Chat<UI_MESSAGE>> {
    const path = this.#pathOf(id);
    const stored = await telling(`read chat ${JSON.stringify(id)}`, () => readChat(this.#verbs, path));
    const messages = stored.messages.map(wholeMessage) as unknown as UI_MESSAGE[];
    // It refuses an empty list; and what it returns lacks fields that it does not know.
    if (messages.length > 0) await validateUIMessages<UI_MESSAGE>({ ...validation, messages });
    const interrupted = await interruptedAnswer(stored, messages);
    const onRecording = (settled: Promise<void>): void => this.#keepTrack(settled);
    return new Chat({ id, path, verbs: this.#verbs, onRecording }, stored, messages, interrupted);
  }

  /** The messages of a chat. */
  async load<UI_MESSAGE extends UIMessage = UIMessage>(
    id: string,
    validation: Validation<UI_MESSAGE> = {},
  ): Promise<UI_MESSAGE[]> {
    return (await this.open(id, validation)).messages;
  }

  /** Makes a chat hold these messages and no others. Of two who do that at once, {@link Chat.save} keeps both: use {@link open}. */
  async save(id: string, messages: readonly UIMessage[]): Promise<void> {
    await (await this.open(id)).save(messages);
  }

  /** Deletes a chat. What else agents keep below its id stays; so does history. */
  async delete(id: string): Promise<void> {
    const path = this.#pathOf(id);
    await telling(`delete chat ${JSON.stringify(id)}`, () => this.#verbs.delete(path));
  }

  /** What is being said in a chat, from the beginning of the answer to its end. `undefined`: nothing is. */
  async follow(
    id: string,
    signal = new AbortController().signal,
  ): Promise<AsyncGenerator<UIMessageChunk, void, void> | undefined> {
    const chunks = await this.#follow(id, signal);
    return chunks === undefined ? undefined : parsed(chunks);
  }

  /** The response of the endpoint that `useChat({ resume: true })` asks: the answer that is being given, or 204. */
  async resume(id: string): Promise<Response> {
    const stop = new AbortController();
    const chunks = await this.#follow(id, stop.signal);
    if (chunks === undefined) return new Response(null, { status: 204 });
    const body = new ReadableStream<string>({
      async pull(controller) {
        const { done, value } = await chunks.next();
        controller.enqueue(done === true ? sseEnd : sseEvent(value));
        if (done === true) controller.close();
      },
      cancel() {
        stop.abort();
      },
    });
    return new Response(body.pipeThrough(new TextEncoderStream()), { headers: UI_MESSAGE_STREAM_HEADERS });
  }

  /** Waits for what is being recorded, and closes the connection where it is the store's own. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#recordings);
    await this.#owned?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(id: string, signal: AbortSignal): Promise<AsyncGenerator<string, void, void> | undefined> {
    const path = this.#pathOf(id);
    return telling(`follow chat ${JSON.stringify(id)}`, () => followStream(this.#verbs, path, signal));
  }

  #keepTrack(settled: Promise<void>): void {
    this.#recordings.add(settled);
    const forget = (): void => void this.#recordings.delete(settled);
    settled.then(forget, forget);
    this.#waitUntil(settled.catch(() => undefined));
  }

  #pathOf(id: string): string {
    return subtreeOf(this.#root, 'chat id', id, 'ai', refused('id', id));
  }
}

async function* parsed(
  chunks: AsyncGenerator<string, void, void>,
): AsyncGenerator<UIMessageChunk, void, void> {
  for await (const chunk of chunks) yield JSON.parse(chunk) as UIMessageChunk;
}

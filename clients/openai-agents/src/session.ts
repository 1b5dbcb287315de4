/** The session: what `run(agent, input, { session })` takes. */
import type { Client } from '@hyperloom/client';
import { openBroker, type Broker } from '@hyperloom/client/adapters';
import type { AgentInputItem, Session } from '@openai/agents';
import { telling } from './errors.ts';
import { History } from './history.ts';
import { readItems, storedItems } from './items.ts';
import { sessionPath } from './names.ts';

export interface HyperloomSessionOptions {
  /** A path that sessions lie below, each as a subtree named by its id. Default: none, a session is a tree. */
  readonly root?: string | undefined;
  /** Whose name is on what is written, where the session has a connection of its own. */
  readonly author?: string | undefined;
}

/**
 * A conversation's items, each a node of its own. With an address it has a connection of its own, which `close()` ends; with a ghost, all that a
 * run says is seen outside only when the ghost is committed. Throws the SDK's `UserError` for bad input, and `SessionError`s.
 */
export class HyperloomSession implements Session, AsyncDisposable {
  /** Where it lies in the tree. */
  readonly path: string;
  readonly #id: string;
  readonly #history: History;
  readonly #owned: Client | undefined;

  constructor(sessionId: string, broker?: Broker, options: HyperloomSessionOptions = {}) {
    this.#id = sessionId;
    this.path = sessionPath(options.root ?? '', sessionId);
    const { verbs, owned } = openBroker(broker, options.author);
    this.#owned = owned;
    this.#history = new History(verbs, this.path);
  }

  async getSessionId(): Promise<string> {
    return this.#id;
  }

  /** The conversation so far, oldest first; with a `limit` the newest, and nothing else is read. */
  async getItems(limit?: number): Promise<AgentInputItem[]> {
    return readItems(await telling(`read session ${this.#name}`, () => this.#history.read(limit)));
  }

  /** Appends items, together and in order, whoever else appends. Resolves when they are durable. */
  async addItems(items: AgentInputItem[]): Promise<void> {
    const stored = storedItems(items);
    if (stored.length > 0) await telling(`add to session ${this.#name}`, () => this.#history.append(stored));
  }

  /** Takes the newest item away and returns it, if there is one. Two callers never get the same one. */
  async popItem(): Promise<AgentInputItem | undefined> {
    const node = await telling(`pop from session ${this.#name}`, () => this.#history.pop());
    return node === undefined ? undefined : readItems([node])[0];
  }

  /** Takes all items away. What else agents keep below the session's id stays; so does history. */
  async clearSession(): Promise<void> {
    await telling(`clear session ${this.#name}`, () => this.#history.replace([]));
  }

  /** Puts what a compaction has left in place of all items, in one step: nobody ever sees the session without its history. */
  async replaceHistoryWithCompaction(items: AgentInputItem[]): Promise<void> {
    const stored = storedItems(items);
    await telling(`compact session ${this.#name}`, () => this.#history.replace(stored));
  }

  /** Closes the connection, where it is the session's own. */
  async close(): Promise<void> {
    await this.#owned?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #name(): string {
    return JSON.stringify(this.#id);
  }
}

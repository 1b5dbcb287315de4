/**
 * Events of AG-UI that keep a program's copy of a subtree up to date. The rules:
 *
 * - First the whole (STATE_SNAPSHOT), or, from a revision that the program has, what has changed since (one STATE_DELTA, or nothing); then a
 *   STATE_DELTA for every revision that changes something, in order, once, also over restarts of the broker.
 * - `metadata.hyperloom.revision` of each event is the trunk revision that the copy stands at then.
 * - Where only the broker can tell what is there now (a ghost went back to a checkpoint), it is asked again, and the difference told.
 * - A ghost's feed ends with the ghost, and says how (CUSTOM `hyperloom.ghost`).
 */
import { EventType, type CustomEvent, type Message } from '@ag-ui/core';
import type { MessagesSnapshotEvent, StateDeltaEvent, StateSnapshotEvent } from '@ag-ui/core';
import {
  NotFoundError,
  RevisionError,
  type Client,
  type Event,
  type Ghost,
  type Node,
  type SubscriptionItem,
} from '@hyperloom/client';
import { isEqual, type Plain } from '@hyperloom/client/adapters';
import { isOpaque, TreeDocument } from './document.ts';
import { FeedError, toldError } from './errors.ts';
import { patchOperationsMax } from './limits.ts';
import { messagesOf, type ToMessage } from './messages.ts';
import { difference, isUnsafe, type PatchOperation } from './patch.ts';

/** What a feed tells. */
export type FeedEvent = StateSnapshotEvent | StateDeltaEvent | MessagesSnapshotEvent | CustomEvent;

export interface FeedOptions {
  /** The subtree that is the state, such as `/session_1`. */
  readonly state?: string | undefined;
  /** A subtree that is a list of messages, such as `/session_1/messages`. */
  readonly messages?: string | undefined;
  /** The state as this ghost sees it. Default: the trunk. */
  readonly ghost?: string | undefined;
  /** The trunk revision that the program's copy stands at. Not for ghosts. Default: it has none. */
  readonly afterRevision?: number | undefined;
  /** Goes on with what changes. `false`: ends with what is there. Default: true. */
  readonly follow?: boolean | undefined;
  /** Makes messages of AG-UI of entries that have another form. */
  readonly toMessage?: ToMessage | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Verbs = Client | Ghost;

/** Tells a subtree's state, messages, or both. Throws {@link FeedError}s. */
export async function* feed(client: Client, options: FeedOptions): AsyncGenerator<FeedEvent, void, void> {
  const paths = [options.state, options.messages].filter((path) => path !== undefined);
  if (paths.length === 0)
    throw new FeedError("a feed tells state, messages or both: { state: '/session_1' }");
  const wrong = paths.find((path) => !path.startsWith('/'));
  if (wrong !== undefined)
    throw new FeedError(`a feed takes paths such as '/session_1', not ${JSON.stringify(wrong)}`);
  try {
    yield* new Feed(options).run(client.as({ trackBasis: false }));
  } catch (error) {
    throw toldError(`feed ${paths.join(' and ')}`, error);
  }
}

/** What the program knows. */
interface Told {
  readonly state: Plain | undefined;
  readonly messages: readonly Message[] | undefined;
}

class Feed {
  readonly #options: FeedOptions;
  readonly #roots: readonly string[];
  #state: TreeDocument | undefined;
  #messages: TreeDocument | undefined;
  #toldMessages: readonly Message[] | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#roots = [options.state, options.messages].filter((path) => path !== undefined);
  }

  async *run(client: Client): AsyncGenerator<FeedEvent, void, void> {
    const { ghost, afterRevision, signal } = this.#options;
    // A subscription waits for a broker as long as it takes: whoever begins wants to know that there is none.
    await client.status({ signal });
    const verbs = ghost === undefined ? client : await client.attach(ghost, { signal });
    let told: Told = { state: undefined, messages: undefined };
    if (ghost === undefined && afterRevision !== undefined) told = await this.#read(client, afterRevision);
    for (;;) {
      const next = yield* this.#watch(verbs, told);
      if (next === undefined) return;
      told = next;
    }
  }

  /** What the program has, at the revision it names; nothing where that is gone, or not there yet. */
  async #read(client: Client, revision: number): Promise<Told> {
    try {
      const nodes: Node[] = [];
      for (const root of this.#roots) nodes.push(...(await nodesAt(client, root, revision, this.#options)));
      this.#take(nodes);
      return this.#told();
    } catch (error) {
      if (error instanceof RevisionError) return { state: undefined, messages: undefined };
      throw error;
    }
  }

  /** Follows a subscription. Returns what the program knows where another one is needed; `undefined` at the end. */
  async *#watch(verbs: Verbs, told: Told): AsyncGenerator<FeedEvent, Told | undefined, void> {
    const { signal, follow } = this.#options;
    const patterns = this.#roots.map((root) => (root === '/' ? '/**' : `${root}/**`));
    for await (const item of verbs.subscribe(patterns, { form: 'json', signal })) {
      if (item.kind === 'snapshot') {
        yield* this.#begin(item, told);
        if (follow === false) return undefined;
      } else if (item.kind === 'event') {
        const end = ghostEnd(verbs, item.event);
        if (end !== undefined) {
          yield end;
          return undefined;
        }
        if (isOpaqueEvent(verbs, item.event)) return this.#told();
        yield* this.#follow(item.event);
      }
    }
    return undefined;
  }

  #take(nodes: readonly Node[]): void {
    const { state, messages } = this.#options;
    this.#state = state === undefined ? undefined : new TreeDocument(state, nodes);
    this.#messages = messages === undefined ? undefined : new TreeDocument(messages, nodes);
    this.#toldMessages = this.#currentMessages();
  }

  #told(): Told {
    return { state: this.#state?.value, messages: this.#toldMessages };
  }

  *#begin(
    { nodes, revision }: Extract<SubscriptionItem, { kind: 'snapshot' }>,
    told: Told,
  ): Generator<FeedEvent, void, void> {
    this.#take(nodes);
    const value = this.#state?.value;
    if (value !== undefined && told.state === undefined) yield snapshot(value, revision);
    if (value !== undefined && told.state !== undefined)
      yield* this.#changed(difference('', told.state, value), revision);
    const messages = this.#toldMessages;
    if (messages !== undefined && !isSame(messages, told.messages))
      yield messagesSnapshot(messages, revision);
  }

  *#follow({ changes, revision }: Event): Generator<FeedEvent, void, void> {
    const state = this.#state;
    if (state !== undefined)
      yield* this.#changed(
        changes.flatMap((change) => state.apply(change)),
        revision,
      );
    const steps = changes.flatMap((change) => this.#messages?.apply(change) ?? []);
    if (steps.length === 0) return;
    const messages = this.#currentMessages();
    if (messages !== undefined && !isSame(messages, this.#toldMessages))
      yield messagesSnapshot(messages, revision);
    this.#toldMessages = messages;
  }

  *#changed(delta: readonly PatchOperation[], revision: number): Generator<FeedEvent, void, void> {
    if (delta.length === 0) return;
    const value = this.#state?.value;
    const isPatch = delta.length <= patchOperationsMax && !delta.some(isUnsafe);
    if (isPatch) yield { type: EventType.STATE_DELTA, delta: [...delta], ...standing(revision) };
    else if (value !== undefined) yield snapshot(value, revision);
  }

  #currentMessages(): readonly Message[] | undefined {
    const { messages, toMessage } = this.#options;
    return messages === undefined || this.#messages === undefined
      ? undefined
      : messagesOf(messages, this.#messages, toMessage);
  }
}

async function nodesAt(
  client: Client,
  root: string,
  revision: number,
  { signal }: FeedOptions,
): Promise<readonly Node[]> {
  try {
    const options = { atRevision: revision, form: 'json', signal } as const;
    const node = root === '/' ? undefined : await client.find(root, options);
    if (node === undefined && root !== '/') return [];
    const below = await client.list(root, { ...options, depth: 0, pageSize: 10_000 }).all();
    return node === undefined ? below : [node, ...below];
  } catch (error) {
    if (error instanceof NotFoundError && error.reason === 'NODE_NOT_FOUND') return [];
    throw error;
  }
}

/** How the ghost that is fed ended. */
function ghostEnd(verbs: Verbs, { transition, ghostId, revision }: Event): CustomEvent | undefined {
  if (!('info' in verbs) || transition === undefined || ghostId !== verbs.info.id) return undefined;
  const { kind, reason } = transition;
  if (kind !== 'committed' && kind !== 'reverted' && kind !== 'expired') return undefined;
  return {
    type: EventType.CUSTOM,
    name: 'hyperloom.ghost',
    value: { ghost: ghostId, kind, reason, revision },
    ...standing(revision),
  };
}

/** Whether only the broker can tell what is there after an event. */
function isOpaqueEvent(verbs: Verbs, { transition, changes }: Event): boolean {
  const isGhost = 'info' in verbs;
  const isBack = isGhost && (transition?.kind === 'rewound' || transition?.kind === 'reverted');
  return isBack || changes.some((change) => isOpaque(change, isGhost));
}

function isSame(a: readonly Message[], b: readonly Message[] | undefined): boolean {
  return b !== undefined && isEqual(a, b);
}

function snapshot(value: Plain, revision: number): StateSnapshotEvent {
  return { type: EventType.STATE_SNAPSHOT, snapshot: value, ...standing(revision) };
}

function messagesSnapshot(messages: readonly Message[], revision: number): MessagesSnapshotEvent {
  return { type: EventType.MESSAGES_SNAPSHOT, messages: [...messages], ...standing(revision) };
}

/** Where the program's copy stands with an event. What happens in a ghost has no revision. */
function standing(revision: number): Standing {
  return revision > 0 ? { metadata: { hyperloom: { revision } } } : {};
}

interface Standing {
  readonly metadata?: { readonly hyperloom: { readonly revision: number } };
}

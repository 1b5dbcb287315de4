/** The verbs that a client (on the trunk) and a ghost have in common: writing, reading, watching. */
import { create, type DescMessage, type DescMethodUnary, type MessageShape } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { ContextWindow, type ContextWindowOptions } from './context-window.ts';
import { NotFoundError } from './errors.ts';
import {
  BatchGetRequestSchema,
  ContextService,
  GetRequestSchema,
  ListDetail,
  ListRequestSchema,
} from './gen/hyperloom/v1/context_service_pb.ts';
import type { Json, JsonValue } from './json.ts';
import { readAge, readNode, type Node, type NodesAtRevision } from './node.ts';
import type { NodeType } from './node-type.ts';
import {
  operation,
  refusalOf,
  type Addition,
  type Amount,
  type DeleteScope,
  type Operation,
} from './operation.ts';
import { lockWaitMs } from './fence.ts';
import type { ListOptions, PublishOptions, PutOptions, ReadOptions, SubscribeOptions } from './options.ts';
import { limitsUnder, under, type Ownership } from './ownership.ts';
import { Paged } from './paged.ts';
import type { OutcomeObserver, Published } from './publish/diff.ts';
import { renderContext, type RenderedContext, type RenderOptions, type RenderParts } from './render.ts';
import { search, type SearchHit, type SearchOptions } from './search.ts';
import { Subscription } from './subscription.ts';
import type { CallLimits } from './transport.ts';
import { Typed } from './typed.ts';
import type { PutValue } from './value.ts';
import { valueView } from './value-view.ts';

export abstract class Verbs {
  /** The connection that this shares with others. Not for programs. */
  protected readonly connection: Connection;
  /** Who writes, and what that agent has read. Not for programs. */
  protected readonly agent: Agent;
  /** The lock that writes are done under. Not for programs. */
  protected readonly ownership: Ownership | undefined;
  readonly #ghostId: string;

  protected constructor(connection: Connection, agent: Agent, ghostId: string, ownership?: Ownership) {
    this.connection = connection;
    this.agent = agent;
    this.#ghostId = ghostId;
    this.ownership = ownership;
  }

  /** Whose name is on the writes. */
  get author(): string {
    return this.agent.author;
  }

  /** The forest. */
  get forest(): string {
    return this.agent.forest === '' ? 'default' : this.agent.forest;
  }

  /** The newest trunk revision seen so far. Reads see at least this one unless told otherwise. */
  get newestRevision(): number {
    return this.agent.newestRevision;
  }

  /** Looks at outcomes before the caller does. */
  /** In a ghost: its edition as far as this process knows it. 0 on the trunk. */
  protected get knownEdition(): number {
    return 0;
  }

  protected get observer(): OutcomeObserver {
    return this.agent;
  }

  /**
   * Publishes a context diff: all operations take effect as one, or none does. Resolves when the diff is durable (in a ghost: staged).
   * Publishes go out in the order of the calls without waiting for one another; await `ready()` to hold a fast loop back.
   */
  publish(operations: readonly Operation[], options: PublishOptions = {}): Promise<Published> {
    const { connection, agent, ownership } = this;
    const refusal = ownership?.refusal() ?? refusalOf(operations);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { caller, publisher } = connection;
    const waitMs = lockWaitMs(options);
    const tracked = options.basis === undefined ? (agent.basis?.take() ?? nothing) : nothing;
    const diff = {
      forest: agent.forest,
      ghostId: this.#ghostId,
      operations,
      preconditions: options.preconditions ?? nothing,
      requestId: options.requestId ?? connection.nextRequestId(),
      author: options.author ?? agent.author,
      label: options.label ?? '',
      basis: options.basis ?? tracked,
      fencingTokens: options.fencingTokens ?? ownership?.tokens() ?? nothing,
      lockWaitMs: waitMs,
      edition: this.knownEdition,
      traceParent: options.traceParent ?? caller.traceParent(),
    };
    const timeoutMs = options.timeoutMs ?? caller.timeoutMs + (options.lockWaitMs ?? 0);
    const limits = limitsUnder(ownership, { signal: options.signal, timeoutMs });
    const outcome =
      waitMs === 0
        ? publisher.publish(diff, limits, this.observer)
        : connection.publishApart(diff, limits, this.observer);
    // What a publish took along that did not take effect goes along with the next.
    if (tracked.length > 0) outcome.catch(() => agent.basis?.giveBack(tracked));
    if (ownership !== undefined) {
      ownership.onPublish(outcome);
      outcome.catch((error: unknown) => ownership.onFailed(error));
    }
    return outcome;
  }

  /** Sets a value; the node is created if needed. */
  put(path: string, value: PutValue, options?: PutOptions): Promise<Published> {
    return this.publish([operation.put(path, value, options?.lease)], options);
  }

  /** Adds to the end of a text, bytes, a JSON array, or of the repeated fields of a message. */
  append(path: string, addition: Addition, options?: PublishOptions): Promise<Published> {
    return this.publish([operation.append(path, addition)], options);
  }

  /** Merges into a JSON object as RFC 7396 says. */
  merge(path: string, patch: JsonValue | Json, options?: PublishOptions): Promise<Published> {
    return this.publish([operation.merge(path, patch)], options);
  }

  /** Adds to a number: integers and bigints exactly, `{ real }` and fractions in double precision. */
  increment(path: string, amount: Amount = 1, options?: PublishOptions): Promise<Published> {
    return this.publish([operation.increment(path, amount)], options);
  }

  /** Removes a node with all below it, or its own value only. */
  delete(path: string, scope: DeleteScope = 'subtree', options?: PublishOptions): Promise<Published> {
    return this.publish([operation.delete(path, scope)], options);
  }

  /** Puts a copy of the subtree `source`, as it is or as it was at a revision, at `target`. */
  copy(source: string, target: string, sourceRevision = 0, options?: PublishOptions): Promise<Published> {
    return this.publish([operation.copy(source, target, sourceRevision)], options);
  }

  /** Forgets what the agent has read so far: what it writes from now on has nothing to do with that. */
  forget(): void {
    this.agent.basis?.clear();
  }

  /** Resolves as soon as there is room for one more publish. */
  ready(): Promise<void> {
    return this.connection.publisher.ready();
  }

  /** Resolves when all publishes so far have their outcomes. Those are thrown at whoever called `publish`, not here. */
  flush(): Promise<void> {
    return this.connection.flush();
  }

  /** Reads a node. Throws {@link NotFoundError} where there is none. */
  async get(path: string, options: ReadOptions = {}): Promise<Node> {
    const { agent } = this;
    const view = agent.view(this.#ghostId, this.knownEdition, options);
    const values = valueView(options);
    const told = { path, view, author: agent.author, ...values };
    const request = create(GetRequestSchema, { forest: agent.forest, ...told });
    try {
      const response = await this.#read(ContextService.method.get, request, options);
      const node = response.node;
      if (node === undefined) throw new Error('the broker answered without a node');
      agent.note(path, Number(response.revision), 'node', [node]);
      return readNode(node, response.revision, readAge(response.age));
    } catch (error) {
      return this.#noteAbsence(path, error);
    }
  }

  /** Reads a node, or `undefined` where there is none. */
  async find(path: string, options?: ReadOptions): Promise<Node | undefined> {
    try {
      return await this.get(path, options);
    } catch (error) {
      if (error instanceof NotFoundError && error.reason === 'NODE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** @deprecated The older name of {@link find}. */
  getOrUndefined(path: string, options?: ReadOptions): Promise<Node | undefined> {
    return this.find(path, options);
  }

  /** Reads several nodes at one revision. */
  async batchGet(paths: readonly string[], options: ReadOptions = {}): Promise<NodesAtRevision> {
    const { agent } = this;
    const view = agent.view(this.#ghostId, this.knownEdition, options);
    const told = { paths: [...paths], view, author: agent.author, ...valueView(options) };
    const request = create(BatchGetRequestSchema, { forest: agent.forest, ...told });
    const response = await this.#read(ContextService.method.batchGet, request, options);
    const revision = Number(response.revision);
    const ageMs = readAge(response.age);
    const nodes = response.nodes.map((node) => readNode(node, revision, ageMs));
    const found = new Set(nodes.map((node) => node.path));
    for (const path of paths) agent.note(path, revision, found.has(path) ? 'node' : 'absent', response.nodes);
    return { nodes, revision, ageMs };
  }

  /** Reads what is below a node, in pages, in the order of the paths' bytes. */
  list(path: string, options: ListOptions = {}): Paged<Node> {
    const { agent } = this;
    const view = agent.view(this.#ghostId, this.knownEdition, options);
    return new Paged(async (pageToken) => {
      const request = create(ListRequestSchema, {
        forest: agent.forest,
        path,
        depth: options.depth ?? 1,
        detail: options.keysOnly === true ? ListDetail.KEYS : ListDetail.VALUES,
        pageSize: options.pageSize ?? 0,
        pageToken,
        view,
        author: agent.author,
        ...valueView(options),
      });
      const response = await this.#read(ContextService.method.list, request, options);
      const revision = Number(response.revision);
      agent.note(path, revision, 'subtree', response.nodes);
      const ageMs = readAge(response.age);
      const items = response.nodes.map((node) => readNode(node, revision, ageMs));
      return { items, nextPageToken: response.nextPageToken, revision, ageMs };
    });
  }

  /**
   * State as text for a model's prompt, under a budget of tokens. The text of one layout (`baseRevision`) only grows at its end. What it
   * shows counts as read. See {@link contextWindow}, which remembers the layout.
   */
  renderContext(parts: RenderParts, options: RenderOptions): Promise<RenderedContext> {
    const ghost = { id: this.#ghostId, edition: this.knownEdition };
    return renderContext(this.connection, this.agent, ghost, parts, options);
  }

  /** A context for a prompt that is kept up to date: `update()` it before each call of the model. */
  contextWindow(parts: RenderParts, options: ContextWindowOptions): ContextWindow {
    const render = (asked: RenderOptions): Promise<RenderedContext> => this.renderContext(parts, asked);
    return new ContextWindow(render, this.agent, this.#ghostId !== '', options);
  }

  /** Finds nodes by a text in their paths or values, whatever the case of its letters. What is found counts as read. */
  search(query: string, options: SearchOptions = {}): Paged<SearchHit> {
    return search(this.connection, this.agent, this.#ghostId, query, options);
  }

  /**
   * Watches paths: a path itself, `*` for one segment, `**` for any number of them. Resumes by itself when the connection is
   * lost; every event comes exactly once and in order.
   */
  subscribe(patterns: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    const list = typeof patterns === 'string' ? [patterns] : [...patterns];
    return new Subscription(this.connection, this.agent, this.#ghostId, list, options);
  }

  /** Notes that there is nothing, where an error says so, and throws it on. */
  #noteAbsence(path: string, error: unknown): never {
    if (error instanceof NotFoundError && error.reason === 'NODE_NOT_FOUND')
      this.agent.note(path, Number(error.metadata['revision'] ?? 0), 'absent');
    throw error;
  }

  /**
   * A handle on the nodes that hold one type of message, by the variables of their paths. Takes what `protoc-gen-hyperloom` has written
   * for the message, whose variables the compiler knows, or a message with the option `(hyperloom.v1.node).path`.
   */
  typed<Desc extends DescMessage, Path extends string>(type: NodeType<Desc, Path>): Typed<Desc, Path>;
  typed<Desc extends DescMessage>(type: Desc): Typed<Desc>;
  typed<Desc extends DescMessage>(type: Desc | NodeType<Desc>): Typed<Desc> {
    return new Typed(this, this.#ghostId !== '', type);
  }

  /** A read through a lock that is lost or released is refused as a write is: whoever made it would go on with what it shows. */
  #read<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    limits: CallLimits,
  ): Promise<MessageShape<O>> {
    return under(this.ownership, () => this.connection.caller.unary(method, request, limits));
  }
}

const nothing: readonly never[] = [];

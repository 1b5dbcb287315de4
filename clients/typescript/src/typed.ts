/**
 * A typed handle: the nodes of one message type, by the variables of their paths.
 *
 *     const notes = client.typed(ResearchNoteNode); // /{session}/notes/{note}, as its option says
 *     await notes.put({ session: 's1', note: 'wet' }, { claim: 'water is wet' });
 */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { FieldPath, NumberPath } from './field-path.ts';
import { makeError, type HyperloomError } from './errors.ts';
import type { Node, NodesAtRevision } from './node.ts';
import type { NodeType, PathVariables, SomePathVariables } from './node-type.ts';
import type { Amount, DeleteScope, Operation } from './operation.ts';
import type { ListOptions, PublishOptions, PutOptions, ReadOptions, SubscribeOptions } from './options.ts';
import { Paged, type Page } from './paged.ts';
import { messageOf, templateOf, type PathTemplate, type Values } from './path-template.ts';
import type { Published } from './publish/diff.ts';
import type { Subscription } from './subscription.ts';
import type { TypedNode } from './typed-node.ts';
import { TypedSubscription, typedNode } from './typed-subscription.ts';
import {
  typedOperations,
  typedPreconditions,
  type TypedOperations,
  type TypedPreconditions,
} from './typed-operations.ts';
import { batchGetBytesMax, batchGetPathsMax } from './limits.ts';

/** What a handle works through: a client, a ghost or a lock. */
export interface TypedTarget {
  publish(operations: readonly Operation[], options?: PublishOptions): Promise<Published>;
  get(path: string, options?: ReadOptions): Promise<Node>;
  find(path: string, options?: ReadOptions): Promise<Node | undefined>;
  batchGet(paths: readonly string[], options?: ReadOptions): Promise<NodesAtRevision>;
  list(path: string, options?: ListOptions): Paged<Node>;
  subscribe(patterns: string, options?: SubscribeOptions): Subscription;
}

/** Options of a typed `list`. */
export type TypedListOptions = Omit<ListOptions, 'depth' | 'form' | 'keysOnly'>;

/** Options of a typed `subscribe`. Each change comes with the whole message as it is afterwards. */
export type TypedSubscribeOptions = Omit<SubscribeOptions, 'detail' | 'form'>;

/** Options of typed reads. */
export type TypedReadOptions = Omit<ReadOptions, 'form'>;

/** Options of a typed `merge`. */
export interface TypedMergeOptions<Desc extends DescMessage> extends PublishOptions {
  /** Which fields become what the patch says, by their names: `['claim', 'review.verdict']`. Default: what is set in it is merged. */
  readonly mask?: readonly FieldPath<Desc>[] | undefined;
}

export class Typed<Desc extends DescMessage, Path extends string = string> {
  /** The message. */
  readonly message: Desc;
  readonly #target: TypedTarget;
  /** A ghost's reads see its newest state, the trunk's can be pinned to a revision. */
  readonly #isGhost: boolean;
  readonly #template: PathTemplate;

  /** Not for programs: use `client.typed()`, `ghost.typed()` or `lock.typed()`. */
  constructor(target: TypedTarget, isGhost: boolean, type: Desc | NodeType<Desc, Path>) {
    this.#template = templateOf(type);
    this.message = messageOf(type);
    this.#target = target;
    this.#isGhost = isGhost;
  }

  /** The path for variables, for verbs and preconditions that know of no types. */
  path(variables: PathVariables<Path>): string {
    return this.#template.path(variables);
  }

  /** The variables in a path; `undefined` where it is none of these. */
  variablesOf(path: string): PathVariables<Path> | undefined {
    return this.#template.values(path) as PathVariables<Path> | undefined;
  }

  /** Builds operations for `publish`, so that several changes take effect as one. */
  get operation(): TypedOperations<Desc, Path> {
    return typedOperations(this.message, this.#template);
  }

  /** Builds preconditions, for every write. */
  get precondition(): TypedPreconditions<Desc, Path> {
    return typedPreconditions(this.message, this.#template);
  }

  /** Sets the message. Throws {@link SchemaViolationError} with fields and rules where it does not fit its schema. */
  put(
    variables: PathVariables<Path>,
    value: MessageInitShape<Desc>,
    options?: PutOptions,
  ): Promise<Published> {
    return this.#target.publish([this.operation.put(variables, value, options?.lease)], options);
  }

  /** Adds what the repeated fields of `addition` hold to the ends of those of the node, without sending or reading what is there. */
  append(
    variables: PathVariables<Path>,
    addition: MessageInitShape<Desc>,
    options?: PublishOptions,
  ): Promise<Published> {
    return this.#target.publish([this.operation.append(variables, addition)], options);
  }

  /** Merges into the message: the fields of `options.mask`, or what is set in the patch. See {@link TypedOperations.merge}. */
  merge(
    variables: PathVariables<Path>,
    patch: MessageInitShape<Desc>,
    options?: TypedMergeOptions<Desc>,
  ): Promise<Published> {
    return this.#target.publish([this.operation.merge(variables, patch, options?.mask)], options);
  }

  /** Adds to a field that is a number. A node or field that is not there counts as 0. */
  increment(
    variables: PathVariables<Path>,
    field: NumberPath<Desc>,
    amount: Amount = 1,
    options?: PublishOptions,
  ): Promise<Published> {
    return this.#target.publish([this.operation.increment(variables, field, amount)], options);
  }

  /** Removes the node with all below it, or its own value only. */
  delete(
    variables: PathVariables<Path>,
    scope: DeleteScope = 'subtree',
    options?: PublishOptions,
  ): Promise<Published> {
    return this.#target.publish([this.operation.delete(variables, scope)], options);
  }

  /**
   * Reads a node. Throws {@link NotFoundError} where there is none, or one that only has others below it, and {@link TypeMismatchError} where
   * something else is there.
   */
  async get(variables: PathVariables<Path>, options?: TypedReadOptions): Promise<TypedNode<Desc, Path>> {
    const path = this.path(variables);
    const node = this.#nodes([await this.#target.get(path, options)])[0];
    if (node === undefined) throw notFound(path);
    return checked(node);
  }

  /** Reads a node, or `undefined` where there is none. */
  async find(
    variables: PathVariables<Path>,
    options?: TypedReadOptions,
  ): Promise<TypedNode<Desc, Path> | undefined> {
    const node = await this.#target.find(this.path(variables), options);
    const typed = node === undefined ? undefined : this.#nodes([node])[0];
    return typed === undefined ? undefined : checked(typed);
  }

  /** @deprecated The older name of {@link find}. */
  getOrUndefined(
    variables: PathVariables<Path>,
    options?: TypedReadOptions,
  ): Promise<TypedNode<Desc, Path> | undefined> {
    return this.find(variables, options);
  }

  /**
   * Reads the nodes that have these variables; without any, all. In pages, in the order of the paths' bytes, on the trunk all at one
   * revision. The broker looks through all that lies below the first open variable, so fix the first ones; values are read of these
   * nodes alone. A page holds what was found among `pageSize` nodes.
   */
  list(where: SomePathVariables<Path> = {}, options: TypedListOptions = {}): Paged<TypedNode<Desc, Path>> {
    const values: Values = where;
    const { root, depth } = this.#template.below(values);
    if (depth === 0) return new Paged(() => this.#single(root, options));
    // Of direct children nearly all are wanted; of what lies deeper the keys tell which are.
    const keysOnly = depth > 1;
    const inner = this.#target.list(root, { ...options, depth, keysOnly });
    return new Paged(async (pageToken) => {
      const { value: page } = await inner.pages(pageToken).next();
      if (page === undefined) return { items: [], nextPageToken: '', revision: 0 };
      const found = page.items.filter(({ path }) => this.#template.selects(path, values));
      const nodes = keysOnly ? await this.#read(found, page, options) : found;
      return { ...page, items: this.#nodes(nodes) };
    });
  }

  /** Watches the nodes that have these variables; without any, all. */
  subscribe(
    where: SomePathVariables<Path> = {},
    options: TypedSubscribeOptions = {},
  ): TypedSubscription<Desc, Path> {
    const pattern = this.#template.pattern(where);
    const subscription = this.#target.subscribe(pattern, { ...options, detail: 'result' });
    return new TypedSubscription(subscription, this.message, (path) => this.variablesOf(path));
  }

  async #single(path: string, options: TypedReadOptions): Promise<Page<TypedNode<Desc, Path>>> {
    const { nodes, ...view } = await this.#target.batchGet([path], options);
    return { ...view, items: this.#nodes(nodes), nextPageToken: '' };
  }

  /** Reads the values of nodes whose keys were listed, in batches that an answer can hold. */
  async #read(
    keys: readonly Node[],
    { revision, ageMs }: Page<Node>,
    options: TypedReadOptions,
  ): Promise<readonly Node[]> {
    const pinned = this.#isGhost ? options : { ...options, consistency: undefined, atRevision: revision };
    const nodes: Node[] = [];
    for (const paths of batches(keys.filter(({ version }) => version > 0)))
      nodes.push(...(await this.#target.batchGet(paths, pinned)).nodes);
    // They are of the view in which the keys were listed.
    return ageMs === undefined ? nodes : nodes.map((node) => ({ ...node, ageMs }));
  }

  #nodes(nodes: readonly Node[]): readonly TypedNode<Desc, Path>[] {
    return nodes.flatMap((node) => typedNode(node, this.message, (path) => this.variablesOf(path)));
  }
}

/** Of one node the reader wants to know at once whether it is what it should be; of many, one by one. */
function checked<Node extends { readonly value: unknown }>(node: Node): Node {
  void node.value;
  return node;
}

/** Others may be below the path, but there is no message. */
function notFound(path: string): HyperloomError {
  const message = `there is no value at ${path}`;
  return makeError({ code: 'NOT_FOUND', reason: 'NODE_NOT_FOUND', message, metadata: { path } });
}

function* batches(keys: readonly Node[]): Generator<readonly string[]> {
  let paths: string[] = [];
  let bytes = 0;
  for (const { path, valueBytes } of keys) {
    const isFull = paths.length >= batchGetPathsMax || bytes + valueBytes > batchGetBytesMax;
    if (isFull && paths.length > 0) {
      yield paths;
      [paths, bytes] = [[], 0];
    }
    paths.push(path);
    bytes += valueBytes;
  }
  if (paths.length > 0) yield paths;
}

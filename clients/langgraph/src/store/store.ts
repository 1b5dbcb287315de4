/** LangGraph's store over Hyperloom: items in namespaces, searched by filters and, with an index, by meaning. */
import {
  json,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  type Client,
  type Node,
  type Operation as Change,
} from '@hyperloom/client';
import {
  BaseStore,
  InvalidNamespaceError,
  type GetOperation,
  type IndexConfig,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchItem,
  type SearchOperation,
} from '@langchain/langgraph-checkpoint';
import { readable, UnstorableValueError } from '../errors.ts';
import {
  diffBytesMax,
  itemsPerCallMax,
  operationsPerDiffMax,
  publishesAtOnceMax,
  searchLimitDefault,
} from '../limits.ts';
import { newest } from '../newest.ts';
import { matches } from './filter.ts';
import {
  expiryOf,
  isExpired,
  itemAt,
  itemPath,
  namespaceAt,
  parseItem,
  placeAt,
  type StoredItem,
} from './item.ts';
import { namespacesOf } from './namespaces.ts';
import { embed, scoreOf } from './vectors.ts';

/** How long items live. */
export interface TtlOptions {
  /** Minutes that items live which say nothing themselves. Default: for ever. */
  readonly defaultTtl?: number;
  /** Whether reading an item makes its time begin anew. Default: true. */
  readonly refreshOnRead?: boolean;
}

/** Options of a store. */
export interface HyperloomStoreOptions {
  /** Below which path items lie. Default: `/store`. */
  readonly root?: string;
  /** Makes searches by meaning possible. */
  readonly index?: IndexConfig;
  readonly ttl?: TtlOptions;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

/** A put that may say how many minutes its item lives. */
export interface TtlPutOperation extends PutOperation {
  readonly ttl?: number;
}

/** What belongs into one diff. */
interface Together {
  readonly changes: readonly Change[];
  readonly bytes: number;
}

/** What is done to an item where it is still as it was read. */
interface Following {
  readonly item: Node;
  readonly changes: readonly Change[];
}

/** Labels are segments, so nodes can be read, watched and locked like all others. Use one client for saver and store. */
export class HyperloomStore extends BaseStore {
  readonly #client: Client;
  readonly #root: string;
  readonly #index: IndexConfig | undefined;
  readonly #ttl: TtlOptions;
  readonly #now: () => number;

  /** The client stays the caller's: whoever made it closes it. */
  constructor(client: Client, options: HyperloomStoreOptions = {}) {
    super();
    this.#client = client.as({
      author: client.author === '' ? 'langgraph' : client.author,
      trackBasis: false,
    });
    this.#root = options.root ?? '/store';
    this.#index = options.index;
    this.#ttl = options.ttl ?? {};
    this.#now = options.now ?? Date.now;
  }

  /**
   * Does all of them: reads see the state before the batch's puts, which take effect together as far as one diff takes them (8 MiB, 5,000
   * items). Of puts to one key the last counts.
   */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    try {
      const puts = operations.filter((each): each is TtlPutOperation => 'value' in each);
      const read: Following[] = [];
      const results = await Promise.all(operations.map((each) => this.#read(each, read)));
      await this.#publish(await this.#changes(puts));
      await this.#follow(read, 'store');
      return results as OperationResults<Op>;
    } catch (error) {
      throw readable(error);
    }
  }

  /** Stores an item; with `ttl` it lives so many minutes. */
  override async put(
    namespace: string[],
    key: string,
    value: Item['value'],
    index?: false | string[],
    options: { readonly ttl?: number } = {},
  ): Promise<void> {
    const put: TtlPutOperation = {
      namespace,
      key,
      value,
      ...(index === undefined ? {} : { index }),
      ...options,
    };
    await this.batch([put]);
  }

  /** Deletes what has expired, and returns how many items that were. What is read or put meanwhile stays. */
  async sweepExpired(): Promise<number> {
    const expired: Following[] = [];
    for await (const item of this.#nodesBelow(this.#root)) {
      const stored = parseItem(item.json);
      if (stored !== undefined && isExpired(stored, this.#now()))
        expired.push({ item, changes: this.#deletions(item.path) });
    }
    return this.#follow(expired, 'expired');
  }

  /** One read; what it refreshes goes to `read`. Puts have no result. */
  async #read(each: Operation, read: Following[]): Promise<unknown> {
    if ('namespacePrefix' in each) return this.#search(each, read);
    if ('value' in each) return undefined;
    if ('key' in each) return this.#get(each, read);
    return this.#namespaces(each);
  }

  async #get({ namespace, key }: GetOperation, read: Following[]): Promise<Item | null> {
    const path = itemPath(this.#root, namespace, key);
    const node = await this.#client.find(path, newest);
    const stored = parseItem(node?.json);
    if (node === undefined || stored === undefined || isExpired(stored, this.#now())) return null;
    this.#refresh(node, stored, read);
    return itemAt(this.#root, path, stored);
  }

  #refresh(item: Node, { ttl }: StoredItem, read: Following[]): void {
    if (ttl === undefined || this.#ttl.refreshOnRead === false) return;
    const expires = expiryOf(ttl, this.#now());
    read.push({ item, changes: [operation.merge(item.path, { expires })] });
  }

  async #search(search: SearchOperation, read: Following[]): Promise<SearchItem[]> {
    const { namespacePrefix, filter, limit = searchLimitDefault, offset = 0, query } = search;
    const path = namespaceAt(this.#root, namespacePrefix);
    const isByMeaning = query !== undefined && query !== '' && this.#index !== undefined;
    const most = isByMeaning ? Infinity : offset + limit;
    const found: { readonly node: Node; readonly stored: StoredItem; score?: number }[] = [];
    for await (const node of this.#nodesBelow(path)) {
      const stored = parseItem(node.json);
      if (stored === undefined || isExpired(stored, this.#now()) || !matches(stored.value, filter)) continue;
      found.push({ node, stored });
      if (found.length >= most) break;
    }
    if (isByMeaning) await this.#score(found, path, query);
    return found.slice(offset, offset + limit).map((each) => {
      this.#refresh(each.node, each.stored, read);
      const item = itemAt(this.#root, each.node.path, each.stored);
      return each.score === undefined ? item : { ...item, score: each.score };
    });
  }

  /** Sorts by likeness to the query; what has no vectors comes last. */
  async #score(found: { readonly node: Node; score?: number }[], path: string, query: string): Promise<void> {
    const index = this.#index;
    if (index === undefined) return;
    const below = this.#vectorsOf(path);
    const [nodes, vector] = await Promise.all([this.#below(below), index.embeddings.embedQuery(query)]);
    const vectors = new Map(nodes.map((node) => [node.path, node.json]));
    for (const each of found) {
      const score = scoreOf(vectors.get(this.#vectorsOf(each.node.path)), vector);
      if (score !== undefined) each.score = score;
    }
    found.sort((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity) || 0);
  }

  async #namespaces(asked: ListNamespacesOperation): Promise<string[][]> {
    const found = new Map<string, string[]>();
    for await (const { path, json: text } of this.#nodesBelow(this.#root)) {
      const stored = parseItem(text);
      if (stored === undefined || isExpired(stored, this.#now())) continue;
      const { namespace } = placeAt(this.#root, path);
      found.set(JSON.stringify(namespace), namespace);
    }
    return namespacesOf([...found.values()], asked);
  }

  /** What puts change, by item. */
  async #changes(puts: readonly TtlPutOperation[]): Promise<Together[]> {
    const byPath = new Map<string, TtlPutOperation>();
    for (const put of puts) {
      checkNamespace(put.namespace);
      byPath.set(itemPath(this.#root, put.namespace, put.key), put);
    }
    const created = await this.#createdOf(
      [...byPath].filter(([, { value }]) => value !== null).map(([path]) => path),
    );
    const embedded = await this.#embedded([...byPath.values()]);
    return [...byPath].map(([path, put], place) => {
      if (put.value === null) return { changes: this.#deletions(path), bytes: 0 };
      const text = this.#textOf(put, put.value, created.get(path));
      const vectors = embedded[place];
      const changes = [operation.put(path, json(text))];
      if (vectors !== undefined) changes.push(operation.put(this.#vectorsOf(path), json(vectors)));
      else if (this.#index !== undefined) changes.push(operation.delete(this.#vectorsOf(path), 'node'));
      return { changes, bytes: Buffer.byteLength(text) + (vectors?.length ?? 0) };
    });
  }

  #textOf(put: TtlPutOperation, value: Item['value'], created: string | undefined): string {
    const now = new Date(this.#now()).toISOString();
    const ttl = put.ttl ?? this.#ttl.defaultTtl;
    const life = ttl === undefined ? {} : { ttl, expires: expiryOf(ttl, this.#now()) };
    const item: StoredItem = { value, created: created ?? now, updated: now, ...life };
    try {
      return JSON.stringify(item);
    } catch (error) {
      throw new UnstorableValueError(`the item ${JSON.stringify(put.key)}`, error);
    }
  }

  async #createdOf(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const created = new Map<string, string>();
    for (let start = 0; start < paths.length; start += itemsPerCallMax) {
      const { nodes } = await this.#client.batchGet(paths.slice(start, start + itemsPerCallMax), newest);
      for (const node of nodes) {
        const item = parseItem(node.json);
        if (item !== undefined && !isExpired(item, this.#now())) created.set(node.path, item.created);
      }
    }
    return created;
  }

  async #embedded(puts: readonly TtlPutOperation[]): Promise<(string | undefined)[]> {
    const index = this.#index;
    if (index === undefined) return [];
    const defaults = index.fields ?? ['$'];
    return embed(
      index,
      puts.map(({ value, index: fields }) =>
        value === null || fields === false
          ? { value: {}, fields: [] }
          : { value, fields: fields ?? defaults },
      ),
    );
  }

  #deletions(path: string): Change[] {
    // Other items may lie below it.
    return [operation.delete(path, 'node'), operation.delete(this.#vectorsOf(path), 'node')];
  }

  #vectorsOf(path: string): string {
    return `${this.#root}.vectors${path.slice(this.#root.length)}`;
  }

  /** In as few diffs as may be. */
  async #publish(items: readonly Together[]): Promise<void> {
    let diff: Change[] = [];
    let size = 0;
    for (const { changes, bytes } of items) {
      const isFull = diff.length + changes.length > operationsPerDiffMax || size + bytes > diffBytesMax;
      if (isFull && diff.length > 0) {
        await this.#client.publish(diff, { label: 'store' });
        [diff, size] = [[], 0];
      }
      diff.push(...changes);
      size += bytes;
    }
    if (diff.length > 0) await this.#client.publish(diff, { label: 'store' });
  }

  /** Does what follows from reading items, each by itself: who has changed one meanwhile is right. Returns how many were as they had been read. */
  async #follow(following: readonly Following[], label: string): Promise<number> {
    let done = 0;
    for (let start = 0; start < following.length; start += publishesAtOnceMax) {
      const part = following.slice(start, start + publishesAtOnceMax);
      const outcomes = await Promise.all(part.map((each) => this.#followOne(each, label)));
      done += outcomes.filter(Boolean).length;
    }
    return done;
  }

  async #followOne({ item, changes }: Following, label: string): Promise<boolean> {
    const preconditions = [precondition.modifiedRevision(item.path, item.modifiedRevision)];
    try {
      await this.#client.publish(changes, { preconditions, label });
      return true;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return false;
      throw error;
    }
  }

  async #below(path: string): Promise<readonly Node[]> {
    const nodes: Node[] = [];
    for await (const node of this.#nodesBelow(path)) nodes.push(node);
    return nodes;
  }

  async *#nodesBelow(path: string): AsyncGenerator<Node, void, void> {
    try {
      yield* this.#client.list(path, { depth: 0, ...newest });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
}

/** The rules of LangGraph's own stores; `put` there checks them, and a batch is no way around them. */
function checkNamespace(namespace: readonly string[]): void {
  if (namespace.length === 0) throw new InvalidNamespaceError('A namespace has at least one label.');
  const wrong = namespace.find((label) => typeof label !== 'string' || label === '' || label.includes('.'));
  if (wrong !== undefined)
    throw new InvalidNamespaceError(
      `The namespace label ${JSON.stringify(wrong)} is empty or has a period; labels are texts without periods.`,
    );
  if (namespace[0] === 'langgraph')
    throw new InvalidNamespaceError(
      'The first label of a namespace is not "langgraph": that is LangGraph\'s own.',
    );
}

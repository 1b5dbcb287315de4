/** LangGraph's checkpointer over Hyperloom. */
import type { Client } from '@hyperloom/client';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type DeltaChannelHistory,
  type PendingWrite,
  type SerializerProtocol,
} from '@langchain/langgraph-checkpoint';
import { Claims } from './claims.ts';
import { deltaChannelHistory } from './delta-history.ts';
import { HyperloomLangGraphError, IncompleteConfigError, readable } from './errors.ts';
import { ItemMemo } from './item-memo.ts';
import { Listing } from './listing.ts';
import { Memory } from './memory.ts';
import { threadPath } from './names.ts';
import { checkpointIdOf, configOf, handedOut, handedOutAt, isOfRun, placeOf, requirePlace } from './place.ts';
import { ThreadPublisher } from './publisher.ts';
import { Reader } from './reader.ts';
import { Serializer } from './serializer.ts';
import { Sweeper, type PruneStrategy } from './sweeper.ts';
import { TupleReader } from './tuples.ts';
import { Writer } from './writer.ts';

/** Options of a saver. */
export interface HyperloomSaverOptions {
  /** Below which path threads lie, such as `/production`. Default: none, a thread is a tree of its own. */
  readonly root?: string;
  /** Everything but metadata goes through it. Default: JSON that Python's graphs read too. */
  readonly serde?: SerializerProtocol;
}

/**
 * Keeps the threads of graphs in Hyperloom. A thread is a tree, a checkpoint a revision that holds only what changed. Of two writers on one
 * thread the second is refused ({@link ThreadConflictError}). Use one saver in a process, for any number of threads.
 */
export class HyperloomSaver extends BaseCheckpointSaver {
  readonly #client: Client;
  readonly #root: string;
  readonly #memory = new Memory();
  readonly #claims = new Claims();
  readonly #reader: Reader;
  readonly #tuples: TupleReader;
  readonly #listing: Listing;
  readonly #writer: Writer;
  readonly #sweeper: Sweeper;

  /** The client stays the caller's: whoever made it closes it. */
  constructor(client: Client, options: HyperloomSaverOptions = {}) {
    super(options.serde);
    // What a saver reads is a machine's business: noting it would make each checkpoint larger and tell nothing.
    this.#client = client.as({
      author: client.author === '' ? 'langgraph' : client.author,
      trackBasis: false,
    });
    this.#root = rootOf(options.root);
    const serializer = new Serializer(this.serde, options.serde === undefined);
    const memory = this.#memory;
    const memo = new ItemMemo();
    this.#reader = new Reader(this.#client, memory);
    this.#tuples = new TupleReader(this.#reader, serializer, memo, this);
    this.#listing = new Listing(this.#client, this.#reader, this.#root);
    const publisher = new ThreadPublisher(this.#client, memory);
    this.#writer = new Writer({
      memory,
      claims: this.#claims,
      reader: this.#reader,
      publisher,
      serializer,
      memo,
    });
    this.#sweeper = new Sweeper(this.#client, this.#listing, this.#reader);
  }

  /** The newest checkpoint of a thread, or the one that the config names; `undefined` where there is none. */
  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const place = placeOf(this.#root, config);
    if (place === undefined) return undefined;
    return told(async () => {
      const asked = checkpointIdOf(config);
      const { standing, found } = await this.#reader.checkpoint(place, asked);
      if (found === undefined) {
        if (asked === undefined) this.#claims.noteEmpty(place.space);
        return undefined;
      }
      const tuple = await this.#tuples.tuple(place, standing.thread, found);
      return asked === undefined ? tuple : handedOut(tuple, standing.space.head?.head.id);
    });
  }

  /** Checkpoints, newest first. Without a thread those of all threads, without a namespace those of all. */
  async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const found = this.#listing.find(config, options)[Symbol.asyncIterator]();
    for (;;) {
      const tuple = await told(async () => {
        const next = await found.next();
        if (next.done === true) return undefined;
        const { place, id, record } = next.value;
        const [standing, writes] = await Promise.all([
          this.#reader.standing(place),
          this.#reader.writes(place, id),
        ]);
        const read = await this.#tuples.tuple(place, standing.thread, { id, record, writes });
        // A replay of a graph finds the checkpoints of its subgraphs so, and goes on from them.
        const isReplay = options.limit === 1 && isOfRun(config);
        return isReplay ? handedOut(read, standing.space.head?.head.id) : read;
      });
      if (tuple === undefined) return;
      yield tuple;
    }
  }

  /** Stores a checkpoint: what changed since its parent. Throws {@link ThreadConflictError} where another run was faster. */
  async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const place = requirePlace(this.#root, config, 'store a checkpoint');
    const parentId = checkpointIdOf(config);
    const request = { place, parentId, handedOutAt: handedOutAt(config), checkpoint, metadata, newVersions };
    await told(() => this.#writer.put(request));
    return configOf(place, checkpoint.id);
  }

  /** Stores what a task wrote upon a checkpoint. */
  async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const place = requirePlace(this.#root, config, 'store writes');
    const checkpointId = checkpointIdOf(config);
    if (checkpointId === undefined) throw new IncompleteConfigError('checkpoint_id', 'store writes');
    await told(() => this.#writer.putWrites(place, checkpointId, writes, taskId));
  }

  override async getDeltaChannelHistory(options: {
    config: RunnableConfig;
    channels: string[];
  }): Promise<Record<string, DeltaChannelHistory>> {
    const place = placeOf(this.#root, options.config);
    if (place === undefined || options.channels.length === 0) return {};
    return told(() =>
      deltaChannelHistory(
        this.#reader,
        this.#tuples,
        place,
        checkpointIdOf(options.config),
        options.channels,
      ),
    );
  }

  /** Deletes all that the thread has, in all its namespaces. What others keep in the tree of that name stays. */
  async deleteThread(threadId: string): Promise<void> {
    const thread = threadPath(this.#root, threadId);
    await told(() => this.#client.delete(thread, 'subtree', { label: 'delete thread' }));
    this.#memory.forget(thread);
    this.#claims.forget(thread);
  }

  /** Copies a thread with all its history, at the cost of one write. The target must not exist. */
  async copyThread(sourceThreadId: string, targetThreadId: string): Promise<void> {
    const source = threadPath(this.#root, sourceThreadId);
    const target = threadPath(this.#root, targetThreadId);
    await told(() => this.#sweeper.copy(source, target));
    this.#memory.forget(target);
  }

  /** Keeps the newest checkpoint of each namespace and what it needs (`keep_latest`), or nothing (`delete`). */
  async prune(threadIds: readonly string[], strategy: PruneStrategy = 'keep_latest'): Promise<void> {
    for (const threadId of threadIds) {
      if (strategy === 'delete') await this.deleteThread(threadId);
      else await this.#sweep(threadId, (sweeper, thread) => sweeper.keepLatest(thread));
    }
  }

  /** Deletes the checkpoints whose metadata says one of these runs (`run_id`), in all threads. */
  async deleteForRuns(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    const runs = new Set(runIds);
    await told(async () => {
      for await (const threadId of this.#listing.threads())
        await this.#sweep(threadId, (sweeper, thread) => sweeper.deleteRuns(thread, runs));
    });
  }

  /** Versions count up by one; of a version of older graphs in Python the part before the first dot counts. */
  override getNextVersion(current: number | string | undefined): number {
    if (current === undefined) return 1;
    const counted = typeof current === 'number' ? current : Number.parseInt(current, 10);
    return Number.isFinite(counted) ? counted + 1 : 1;
  }

  async #sweep(threadId: string, work: (sweeper: Sweeper, thread: string) => Promise<void>): Promise<void> {
    const thread = threadPath(this.#root, threadId);
    await told(() => work(this.#sweeper, thread));
    this.#memory.forget(thread);
  }
}

function rootOf(root = ''): string {
  if (root === '' || root === '/') return '';
  if (!root.startsWith('/') || root.endsWith('/'))
    throw new HyperloomLangGraphError(
      `the root ${JSON.stringify(root)} is no path; it begins with "/" and does not end with it`,
    );
  return root;
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw readable(error);
  }
}

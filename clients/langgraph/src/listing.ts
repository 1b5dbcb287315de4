/** Finds checkpoints: newest first, without reading more of them than are told. */
import { NotFoundError, type Client, type Node } from '@hyperloom/client';
import type { CheckpointListOptions } from '@langchain/langgraph-checkpoint';
import type { RunnableConfig } from '@langchain/core/runnables';
import { nodesPerCallMax, recordsPerCallMax } from './limits.ts';
import { checkpointPath, decodeSegment, encodeSegment, lastSegment, namespaceOf } from './names.ts';
import { newest } from './newest.ts';
import { checkpointIdOf, configurableOf, placeIn, type Place } from './place.ts';
import type { Reader } from './reader.ts';
import { parseRecord, type CheckpointRecord } from './record.ts';

/** A checkpoint that fits what was asked for. */
export interface ListedCheckpoint {
  readonly place: Place;
  readonly id: string;
  readonly record: CheckpointRecord;
}

export class Listing {
  readonly #client: Client;
  readonly #reader: Reader;
  readonly #root: string;

  constructor(client: Client, reader: Reader, root: string) {
    this.#client = client;
    this.#reader = reader;
    this.#root = root;
  }

  async *find(
    config: RunnableConfig,
    options: CheckpointListOptions,
  ): AsyncGenerator<ListedCheckpoint, void, void> {
    const { limit = Infinity, before, filter = {} } = options;
    const beforeId = before === undefined ? undefined : checkpointIdOf(before);
    const only = checkpointIdOf(config);
    let left = limit;
    for await (const place of this.#places(config)) {
      const all = only === undefined ? await this.#ids(place) : [only];
      const ids = all.filter((id) => beforeId === undefined || id < beforeId).sort(descending);
      for (let start = 0; start < ids.length && left > 0; start += recordsPerCallMax)
        for await (const listed of this.#records(place, ids.slice(start, start + recordsPerCallMax))) {
          if (left <= 0 || !fits(listed.record, filter)) continue;
          left -= 1;
          yield listed;
        }
    }
  }

  /** Paths of all namespaces of a thread, in their order. */
  async spaces(thread: string): Promise<readonly string[]> {
    const found: string[] = [thread];
    for (const parent of found) {
      const nodes = await this.#children(`${parent}/subgraphs`);
      found.push(...nodes.map(({ path }) => path));
    }
    return found.sort();
  }

  /** The ids of all threads below the root. */
  async *threads(): AsyncGenerator<string, void, void> {
    const names = (await this.#children(this.#root === '' ? '/' : this.#root)).map(({ path }) =>
      lastSegment(path),
    );
    const usable = names.filter((name) => isOurs(name));
    for (let start = 0; start < usable.length; start += nodesPerCallMax) {
      const batch = usable.slice(start, start + nodesPerCallMax);
      const found = await this.#reader.nodes(batch.map((name) => `${this.#root}/${name}/langgraph`));
      for (const name of batch) if (found.has(`${this.#root}/${name}/langgraph`)) yield decodeSegment(name);
    }
  }

  async *#places(config: RunnableConfig): AsyncGenerator<Place, void, void> {
    const { thread_id: threadId, checkpoint_ns: namespace } = configurableOf(config);
    const threads = threadId === undefined || threadId === null ? this.threads() : [threadId];
    for await (const id of threads) {
      if (namespace !== undefined) yield placeIn(this.#root, id, namespace);
      else {
        const { thread } = placeIn(this.#root, id, '');
        for (const space of await this.spaces(thread))
          yield placeIn(this.#root, id, namespaceOf(thread, space));
      }
    }
  }

  async #ids(place: Place): Promise<string[]> {
    const nodes = await this.#children(`${place.space}/checkpoints`);
    return nodes.map(({ path }) => decodeSegment(lastSegment(path)));
  }

  async *#records(place: Place, ids: readonly string[]): AsyncGenerator<ListedCheckpoint, void, void> {
    const nodes = await this.#reader.nodes(ids.map((id) => checkpointPath(place.space, id)));
    for (const id of ids) {
      const json = nodes.get(checkpointPath(place.space, id))?.json;
      if (json !== undefined) yield { place, id, record: parseRecord(json) };
    }
  }

  async #children(path: string): Promise<readonly Node[]> {
    try {
      return await this.#client.list(path, { depth: 1, keysOnly: true, pageSize: 10_000, ...newest }).all();
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  }
}

function isOurs(name: string): boolean {
  return encodeSegment(decodeSegment(name), 'thread id') === name;
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

function fits({ metadata }: CheckpointRecord, filter: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(
    ([key, value]) =>
      JSON.stringify((metadata as Readonly<Record<string, unknown>>)[key]) === JSON.stringify(value),
  );
}

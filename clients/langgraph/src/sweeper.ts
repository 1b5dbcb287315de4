/** Takes checkpoints away, and then what nothing in their thread names any more. */
import {
  json,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  type Client,
  type Node,
  type Operation,
} from '@hyperloom/client';
import { HyperloomLangGraphError } from './errors.ts';
import { attemptsMax, operationsPerDiffMax, recordsPerCallMax } from './limits.ts';
import type { Listing } from './listing.ts';
import { checkpointPath, decodeSegment, encodeSegment, headPath, lastSegment, sweptPath } from './names.ts';
import { newest } from './newest.ts';
import type { Reader } from './reader.ts';
import {
  own,
  parseHead,
  parseRecord,
  type CheckpointRecord,
  type Head,
  type Run,
  type TaskWrites,
} from './record.ts';
import { bytesIn, storedTextOf } from './serializer.ts';
import { digestsIn } from './stored-json.ts';

/** What pruning keeps. */
export type PruneStrategy = 'keep_latest' | 'delete';

/** A namespace as it is before anything is taken away. */
interface SweptSpace {
  readonly path: string;
  readonly head: Head | undefined;
  readonly records: ReadonlyMap<string, CheckpointRecord>;
  /** Pending writes as JSON text, by checkpoint. */
  readonly writes: ReadonlyMap<string, readonly string[]>;
}

/** Which checkpoints of a namespace go. */
type Choice = (space: SweptSpace) => ReadonlySet<string>;

export class Sweeper {
  readonly #client: Client;
  readonly #listing: Listing;
  readonly #reader: Reader;

  constructor(client: Client, listing: Listing, reader: Reader) {
    this.#client = client;
    this.#listing = listing;
    this.#reader = reader;
  }

  /** Copies a thread, whole; one that is not there is no thread to copy. */
  async copy(source: string, target: string): Promise<void> {
    try {
      const preconditions = [precondition.absent(target)];
      await this.#client.publish([operation.copy(source, target)], { preconditions, label: 'copy thread' });
    } catch (error) {
      if (error instanceof NotFoundError) return;
      if (!(error instanceof PreconditionFailedError)) throw error;
      throw new HyperloomLangGraphError(
        `cannot copy to ${target}: there is a thread already; delete it first`,
        { cause: error },
      );
    }
  }

  /** Keeps the newest checkpoint of each namespace, with the ancestors that its delta channels are rebuilt from. */
  async keepLatest(thread: string): Promise<void> {
    await this.#sweep(thread, (space) => {
      const kept = new Set<string>();
      keepWithSeeds(space, space.head?.id, kept);
      return new Set([...space.records.keys()].filter((id) => !kept.has(id)));
    });
  }

  /** Deletes what these runs have left. */
  async deleteRuns(thread: string, runs: ReadonlySet<string>): Promise<void> {
    await this.#sweep(thread, ({ records }) => {
      const isOfRun = ({ metadata }: CheckpointRecord): boolean =>
        runs.has(String((metadata as Readonly<Record<string, unknown>>)['run_id']));
      return new Set([...records].filter(([, record]) => isOfRun(record)).map(([id]) => id));
    });
  }

  async #sweep(thread: string, choose: Choice): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      // Whatever changes from here on makes the first diff fail.
      const { nodes, revision } = await this.#client.batchGet([sweptPath(thread), thread], newest);
      if (nodes.length === 0) return;
      const swept = Number(nodes.find(({ path }) => path === sweptPath(thread))?.value ?? 0);
      const operations = await this.#operations(thread, swept, choose);
      try {
        await this.#publish(thread, operations, revision);
        return;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
      }
    }
    throw new HyperloomLangGraphError(
      `${thread} is being changed all the time, ${attemptsMax} attempts on end; try again`,
    );
  }

  async #publish(thread: string, operations: readonly Operation[], revision: number): Promise<void> {
    let since = revision;
    for (let start = 0; start < operations.length; start += operationsPerDiffMax) {
      const preconditions = [precondition.subtreeUnchangedSince(thread, since)];
      const batch = operations.slice(start, start + operationsPerDiffMax);
      ({ revision: since } = await this.#client.publish(batch, { preconditions, label: 'sweep' }));
    }
  }

  /** What heads become comes first, then the checkpoints, then what they alone have named: so each part alone leaves threads that can be read. */
  async #operations(thread: string, swept: number, choose: Choice): Promise<Operation[]> {
    const heads: Operation[] = [];
    const checkpoints: Operation[] = [];
    const unused: Operation[] = [];
    const digests = new Set<string>();
    let isChanged = false;
    for (const path of await this.#listing.spaces(thread)) {
      const space = await this.#space(path);
      const going = choose(space);
      isChanged ||= going.size > 0;
      for (const id of [...going].sort()) checkpoints.push(operation.delete(checkpointPath(path, id)));
      const kept = new Map([...space.records].filter(([id]) => !going.has(id)));
      const { named, lists } = namedBy(kept.values());
      // A reference to a text is short enough to lie in a record.
      for (const { channels } of kept.values())
        for (const entry of Object.values(channels))
          if ('is' in entry) digestsIn(JSON.stringify(entry.is), digests);
      heads.push(...headOperations(space, kept, lists));
      for (const unnamed of await this.#channelNodes(path, named, lists, digests))
        unused.push(operation.delete(unnamed));
      for (const id of kept.keys()) for (const text of space.writes.get(id) ?? []) noteWrites(text, digests);
    }
    if (!isChanged) return [];
    for (const folder of ['texts', 'bytes'])
      for (const { path } of await this.#list(`${thread}/${folder}`, 1, true))
        if (!digests.has(lastSegment(path))) unused.push(operation.delete(path));
    return [...heads, operation.put(sweptPath(thread), json(String(swept + 1))), ...checkpoints, ...unused];
  }

  async #space(path: string): Promise<SweptSpace> {
    const headNode = await this.#client.find(headPath(path), newest);
    const records = new Map<string, CheckpointRecord>();
    const writes = new Map<string, string[]>();
    const prefix = `${path}/checkpoints/`;
    for (const node of await this.#list(`${path}/checkpoints`, 0, false)) {
      if (node.json === undefined) continue;
      const [name = '', ...below] = node.path.slice(prefix.length).split('/');
      const id = decodeSegment(name);
      if (below.length === 0) records.set(id, parseRecord(node.json));
      else writes.set(id, [...(writes.get(id) ?? []), node.json]);
    }
    const head = headNode?.json === undefined ? undefined : parseHead(headNode.json);
    return { path, head, records, writes };
  }

  /** Nodes below `channels` that nothing names. Notes the digests in those that something does. */
  async #channelNodes(
    path: string,
    named: ReadonlySet<string>,
    lists: ReadonlyMap<string, readonly Run[]>,
    digests: Set<string>,
  ): Promise<string[]> {
    const unnamed: string[] = [];
    const kept: string[] = [];
    const nodes = await this.#list(`${path}/channels`, 0, true);
    const starts = new Map<string, number[]>();
    for (const node of nodes) {
      const name = node.path.slice(`${path}/channels/`.length).split('/');
      if (name.length === 2) {
        const key = name.join('/');
        if (named.has(key)) kept.push(node.path);
        else if (!lists.has(key)) unnamed.push(node.path);
      } else if (name.length === 3) {
        const key = name.slice(0, 2).join('/');
        if (lists.has(key)) starts.set(key, [...(starts.get(key) ?? []), Number(name[2])]);
      }
    }
    for (const [key, all] of starts) {
      const inOrder = all.sort((a, b) => a - b);
      for (const [index, start] of inOrder.entries()) {
        const end = inOrder[index + 1] ?? Infinity;
        const isNamed = (lists.get(key) ?? []).some(([, from, to]) => from < end && to > start);
        (isNamed ? kept : unnamed).push(`${path}/channels/${key}/${start}`);
      }
    }
    for (const { json: text } of (await this.#reader.nodes(kept, recordsPerCallMax)).values()) {
      if (text === undefined) continue;
      digestsIn(storedTextIn(text), digests);
      for (const digest of text.startsWith('[') ? [] : bytesIn(text)) digests.add(digest);
    }
    return unnamed;
  }

  async #list(path: string, depth: number, keysOnly: boolean): Promise<readonly Node[]> {
    try {
      return await this.#client.list(path, { depth, keysOnly, ...newest }).all();
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  }
}

/** Keeps a checkpoint and, for each of its delta channels, its ancestors back to the first with a value for it. */
function keepWithSeeds(space: SweptSpace, id: string | undefined, kept: Set<string>): void {
  const newest = id === undefined ? undefined : space.records.get(id);
  if (id === undefined || newest === undefined) return;
  kept.add(id);
  const counters = newest.metadata.counters_since_delta_snapshot ?? {};
  for (const channel of Object.keys(counters)) {
    let record: CheckpointRecord | undefined = newest;
    while (record?.parent !== undefined && own(record.channels, channel) === undefined) {
      const parent: string = record.parent;
      record = space.records.get(parent);
      if (record !== undefined) kept.add(parent);
    }
  }
}

interface Named {
  /** `{channel}/{n}` of values. */
  readonly named: ReadonlySet<string>;
  /** Runs by `{channel}/{n}` of their lists. */
  readonly lists: ReadonlyMap<string, readonly Run[]>;
}

function namedBy(records: Iterable<CheckpointRecord>): Named {
  const named = new Set<string>();
  const lists = new Map<string, Run[]>();
  for (const { channels } of records)
    for (const [channel, entry] of Object.entries(channels)) {
      const folder = encodeSegment(channel, 'channel');
      if ('at' in entry) named.add(`${folder}/${entry.at}`);
      if (!('list' in entry)) continue;
      for (const run of entry.list) {
        const key = `${folder}/${run[0]}`;
        lists.set(key, [...(lists.get(key) ?? []), run]);
      }
    }
  return { named, lists };
}

/** The head of a namespace after checkpoints are gone. */
function headOperations(
  space: SweptSpace,
  kept: ReadonlyMap<string, CheckpointRecord>,
  lists: ReadonlyMap<string, readonly Run[]>,
): Operation[] {
  const { path, head } = space;
  if (head === undefined) return [];
  const id = kept.has(head.id) ? head.id : [...kept.keys()].sort().at(-1);
  if (id === undefined) return [operation.delete(headPath(path)), operation.delete(`${path}/channels`)];
  const tails = Object.entries(head.tails ?? {}).filter(([channel, [number, length]]) =>
    (lists.get(`${encodeSegment(channel, 'channel')}/${number}`) ?? []).some(([, , to]) => to === length),
  );
  const after: Head = {
    id,
    next: head.next + 1,
    ...(tails.length === 0 ? {} : { tails: Object.fromEntries(tails) }),
  };
  return [operation.put(headPath(path), json(JSON.stringify(after)))];
}

function noteWrites(text: string, digests: Set<string>): void {
  for (const [, , encoded] of (JSON.parse(text) as TaskWrites).writes) {
    const encodedText = JSON.stringify(encoded);
    digestsIn(storedTextOf(encodedText) ?? '', digests);
    for (const digest of bytesIn(encodedText)) digests.add(digest);
  }
}

/** The stored JSON of a node below `channels`: a segment is such itself. */
function storedTextIn(text: string): string {
  return text.startsWith('[') ? text : (storedTextOf(text) ?? '');
}

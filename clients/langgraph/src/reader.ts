/** Reads what lies in a thread, through the memory. */
import { NotFoundError, type Client, type Consistency, type Node } from '@hyperloom/client';
import { UnreadableValueError } from './errors.ts';
import { nodesPerCallMax, piecesPerCallMax, recordsPerCallMax, segmentsFollowedMax } from './limits.ts';
import type { KnownItem } from './lists.ts';
import type { KnownList, Memory, Space, ThreadMemory } from './memory.ts';
import {
  bytesPath,
  channelPath,
  checkpointPath,
  headPath,
  lastSegment,
  sweptPath,
  textPath,
  writesPath,
} from './names.ts';
import { newest } from './newest.ts';
import type { Place } from './place.ts';
import { parseHead, parseRecord, type CheckpointRecord, type Run, type TaskWrites } from './record.ts';
import type { Attached } from './serializer.ts';
import { decodeSegment } from './names.ts';

/** A thread's standing. */
export interface Standing {
  readonly thread: ThreadMemory;
  readonly space: Space;
}

/** A checkpoint as it lies there. */
export interface FoundCheckpoint {
  readonly id: string;
  readonly record: CheckpointRecord;
  readonly writes: readonly (readonly [taskId: string, writes: TaskWrites])[];
}

export class Reader {
  readonly #client: Client;
  readonly #memory: Memory;

  constructor(client: Client, memory: Memory) {
    this.#client = client;
    this.#memory = memory;
  }

  /** Reads incarnation and head, and the records of `ids` along. */
  async standing(place: Place, ids: readonly string[] = []): Promise<Standing> {
    const swept = sweptPath(place.thread);
    const headAt = headPath(place.space);
    const records = new Map(ids.map((id) => [checkpointPath(place.space, id), id]));
    const nodes = await this.nodes([swept, headAt, ...records.keys()]);
    const thread = this.#memory.inIncarnation(place.thread, nodes.get(swept)?.modifiedRevision ?? 0);
    const space = thread.space(place.space);
    const { json: text, modifiedRevision: revision = 0 } = nodes.get(headAt) ?? {};
    this.#memory.noteHead(space, text === undefined ? null : { revision, head: parseHead(text) });
    for (const [path, id] of records) {
      const json = nodes.get(path)?.json;
      if (json === undefined) space.records.delete(id);
      else this.#memory.noteRecord(space, id, parseRecord(json));
    }
    return { thread, space };
  }

  /** Reads a checkpoint with its pending writes: the newest, or the one of that id. One round trip where the newest is known. */
  async checkpoint(
    place: Place,
    id: string | undefined,
  ): Promise<{ readonly standing: Standing; readonly found: FoundCheckpoint | undefined }> {
    const guess = id ?? this.#memory.thread(place.thread).space(place.space).head?.head.id;
    let writes = guess === undefined ? undefined : this.writes(place, guess);
    let standing: Standing;
    try {
      standing = await this.standing(place, guess === undefined ? [] : [guess]);
    } catch (error) {
      await writes?.catch(() => undefined);
      throw error;
    }
    const wanted = id ?? standing.space.head?.head.id;
    if (wanted !== guess) {
      await writes;
      writes = wanted === undefined ? undefined : this.writes(place, wanted);
      if (wanted !== undefined) standing = await this.standing(place, [wanted]);
    }
    const told = (await writes) ?? [];
    const record = wanted === undefined ? undefined : standing.space.records.get(wanted);
    const found =
      wanted === undefined || record === undefined ? undefined : { id: wanted, record, writes: told };
    return { standing, found };
  }

  /** Pending writes of a checkpoint, by task. */
  async writes(place: Place, id: string): Promise<FoundCheckpoint['writes']> {
    const nodes = await this.#client
      .list(writesPath(place.space, id), { depth: 1, ...newest })
      .all()
      .catch(nothingThere);
    return nodes.flatMap(({ path, json }) =>
      json === undefined ? [] : [[decodeSegment(lastSegment(path)), JSON.parse(json) as TaskWrites] as const],
    );
  }

  /** Nodes by path; those that are not there are left out. */
  async nodes(
    paths: readonly string[],
    perCall = nodesPerCallMax,
    options: { readonly consistency?: Consistency } = newest,
  ): Promise<ReadonlyMap<string, Node>> {
    const calls: Promise<readonly Node[]>[] = [];
    for (let start = 0; start < paths.length; start += perCall)
      calls.push(
        this.#client.batchGet(paths.slice(start, start + perCall), options).then(({ nodes }) => nodes),
      );
    const found = (await Promise.all(calls)).flat();
    return new Map(found.map((node) => [node.path, node]));
  }

  /** What a record or a write names that was read: it does not change, and is there wherever that was seen. */
  #named(paths: readonly string[], perCall?: number): Promise<ReadonlyMap<string, Node>> {
    return this.nodes(paths, perCall, {});
  }

  /** Makes the values at these numbers known. */
  async values(
    place: Place,
    thread: ThreadMemory,
    wanted: readonly (readonly [channel: string, at: number])[],
  ): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    const missing: string[] = [];
    for (const [channel, at] of wanted) {
      const path = channelPath(place.space, channel, at);
      const known = this.#memory.value(path, thread);
      if (known === undefined) missing.push(path);
      else texts.set(path, known);
    }
    for (const [path, { json }] of await this.#named(missing, recordsPerCallMax)) {
      if (json === undefined) continue;
      this.#memory.noteValue(path, thread, json);
      texts.set(path, json);
    }
    return texts;
  }

  /** The items of these runs, in order. */
  async items(
    place: Place,
    thread: ThreadMemory,
    channel: string,
    runs: readonly Run[],
  ): Promise<KnownItem[]> {
    const known = this.#knownItems(place, thread, channel, runs);
    if (known !== undefined) return known;
    const numbers = new Set(runs.map(([number]) => number));
    const lists = new Map<number, KnownList>();
    await Promise.all(
      [...numbers].map(async (number) => {
        const ofList = runs.filter((run) => run[0] === number);
        lists.set(number, await this.#list(channelPath(place.space, channel, number), thread, ofList));
      }),
    );
    return runs.flatMap(([number, from, to]) => {
      const items = (lists.get(number) ?? []).slice(from, to);
      const present = items.filter((item) => item !== undefined);
      if (present.length === to - from) return present;
      const what = `the list ${number} of the channel ${JSON.stringify(channel)}`;
      throw new UnreadableValueError(
        what,
        `items ${from} to ${to} are named, and ${present.length} of them are there`,
      );
    });
  }

  /** The same, where all of them are known: as they are for whoever goes on with a thread. */
  #knownItems(
    place: Place,
    thread: ThreadMemory,
    channel: string,
    runs: readonly Run[],
  ): KnownItem[] | undefined {
    let items: KnownItem[] = [];
    for (const [number, from, to] of runs) {
      const list = this.#memory.list(channelPath(place.space, channel, number), thread);
      // A copy: others may be adding to the list meanwhile.
      const part = list.slice(from, to);
      if (part.length < to - from || part.includes(undefined)) return undefined;
      items = items.length === 0 ? (part as KnownItem[]) : items.concat(part as KnownItem[]);
    }
    return items;
  }

  /** A list, with at least the items of these runs as far as they are there. */
  async #list(path: string, thread: ThreadMemory, runs: readonly Run[]): Promise<KnownList> {
    const known = this.#memory.list(path, thread);
    let missing = firstMissing(known, runs);
    if (missing === undefined) return known;
    let items = [...known];
    for (
      let followed = 0;
      known.length > 0 && missing !== undefined && followed < segmentsFollowedMax;
      followed += 1
    ) {
      const segment = `${path}/${missing}`;
      const json = (await this.#named([segment])).get(segment)?.json;
      if (json === undefined) break;
      place(items, missing, json);
      missing = firstMissing(items, runs);
    }
    if (missing !== undefined) items = await this.#wholeList(path);
    this.#memory.noteList(path, thread, items);
    return items;
  }

  async #wholeList(path: string): Promise<KnownList> {
    const items: KnownList = [];
    const nodes = await this.#client.list(path, { depth: 1 }).all().catch(nothingThere);
    for (const node of nodes) place(items, Number(lastSegment(node.path)), node.json ?? '[]');
    return items;
  }

  /** Reads the texts and bytes that are named, where they are not known. */
  async attached(
    place: Place,
    thread: ThreadMemory,
    texts: ReadonlySet<string>,
    bytes: ReadonlySet<string>,
  ): Promise<Attached> {
    const told = { texts: new Map<string, string>(), bytes: new Map<string, Uint8Array>() };
    const missing: string[] = [];
    for (const digest of texts) {
      const text = this.#memory.text(digest);
      if (text === undefined) missing.push(textPath(place.thread, digest));
      else told.texts.set(digest, text);
    }
    for (const digest of bytes) {
      const piece = this.#memory.bytes(digest);
      if (piece === undefined) missing.push(bytesPath(place.thread, digest));
      else told.bytes.set(digest, piece);
    }
    // What a checkpoint names lies in its thread, wherever it is known from.
    for (const digest of [...told.texts.keys(), ...told.bytes.keys()]) thread.stored.add(digest);
    for (const [path, { value }] of await this.#named(missing, piecesPerCallMax)) {
      const digest = lastSegment(path);
      thread.stored.add(digest);
      if (typeof value === 'string') {
        this.#memory.noteText(digest, value);
        told.texts.set(digest, value);
      } else if (value instanceof Uint8Array) {
        this.#memory.noteBytes(digest, value);
        told.bytes.set(digest, value);
      }
    }
    return told;
  }
}

/** Puts the items of a segment to their places. */
function place(items: KnownList, start: number, json: string): void {
  for (const [index, item] of (JSON.parse(json) as unknown[]).entries())
    items[start + index] = { stored: JSON.stringify(item) };
}

/** The first index that is named and not known. */
function firstMissing(items: KnownList, runs: readonly Run[]): number | undefined {
  for (const [, from, to] of runs)
    for (let index = from; index < to; index += 1) if (items[index] === undefined) return index;
  return undefined;
}

/** A listing of what is not there is empty. */
function nothingThere(error: unknown): readonly Node[] {
  if (error instanceof NotFoundError) return [];
  throw error;
}

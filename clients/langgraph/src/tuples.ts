/** What lies in a thread → LangGraph's tuples. */
import {
  maxChannelVersion,
  TASKS,
  type BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointPendingWrite,
  type CheckpointTuple,
} from '@langchain/langgraph-checkpoint';
import type { ItemMemo } from './item-memo.ts';
import { digestsOf, type KnownItem } from './lists.ts';
import type { ThreadMemory } from './memory.ts';
import { channelPath } from './names.ts';
import { configOf, type Place } from './place.ts';
import type { FoundCheckpoint, Reader } from './reader.ts';
import type { CheckpointRecord, Entry } from './record.ts';
import { bytesIn, storedTextOf, type Attached, type EncodedText, type Serializer } from './serializer.ts';
import { digestsIn } from './stored-json.ts';

/** A channel's value before it is decoded. */
type Raw = { readonly encoded: EncodedText } | { readonly items: readonly KnownItem[] };

/** Versions of this and later checkpoint formats keep sends in a channel of their own. */
const sendsInChannel = 4;

export class TupleReader {
  readonly #reader: Reader;
  readonly #serializer: Serializer;
  readonly #memo: ItemMemo;
  readonly #saver: Pick<BaseCheckpointSaver, 'getNextVersion'>;

  constructor(
    reader: Reader,
    serializer: Serializer,
    memo: ItemMemo,
    saver: Pick<BaseCheckpointSaver, 'getNextVersion'>,
  ) {
    this.#memo = memo;
    this.#reader = reader;
    this.#serializer = serializer;
    this.#saver = saver;
  }

  /** The tuple of a checkpoint. */
  async tuple(place: Place, thread: ThreadMemory, found: FoundCheckpoint): Promise<CheckpointTuple> {
    const { id, record } = found;
    const raws = await this.#raws(place, thread, record.channels);
    const attached = await this.#attached(place, thread, raws.values(), found.writes);
    const values: [string, unknown][] = [];
    for (const [channel, raw] of raws) values.push([channel, await this.#value(channel, raw, attached)]);
    const checkpoint: Checkpoint = {
      ...record.more,
      v: record.v,
      id,
      ts: record.ts,
      channel_values: Object.fromEntries(values),
      channel_versions: record.versions,
      versions_seen: record.seen,
    };
    if (record.v < sendsInChannel && record.parent !== undefined)
      await this.#migrateSends(place, thread, checkpoint, record.parent);
    const pendingWrites = await this.#pendingWrites(found.writes, attached);
    const tuple: CheckpointTuple = {
      config: configOf(place, id),
      checkpoint,
      metadata: record.metadata,
      pendingWrites,
    };
    if (record.parent !== undefined) tuple.parentConfig = configOf(place, record.parent);
    return tuple;
  }

  /** Values of some channels of a record, of those that have one. */
  async values(
    place: Place,
    thread: ThreadMemory,
    record: CheckpointRecord,
    channels: readonly string[],
  ): Promise<ReadonlyMap<string, unknown>> {
    const entries = Object.fromEntries(
      Object.entries(record.channels).filter(([channel]) => channels.includes(channel)),
    );
    const raws = await this.#raws(place, thread, entries);
    const attached = await this.#attached(place, thread, raws.values(), []);
    const values = new Map<string, unknown>();
    for (const [channel, raw] of raws) values.set(channel, await this.#value(channel, raw, attached));
    return values;
  }

  /** Decodes pending writes: by task, then by index. */
  async pendingWrites(
    place: Place,
    thread: ThreadMemory,
    writes: FoundCheckpoint['writes'],
  ): Promise<CheckpointPendingWrite[]> {
    return this.#pendingWrites(writes, await this.#attached(place, thread, [], writes));
  }

  async #raws(
    place: Place,
    thread: ThreadMemory,
    channels: Readonly<Record<string, Entry>>,
  ): Promise<Map<string, Raw>> {
    const entries = Object.entries(channels);
    const wanted = entries.flatMap(([channel, entry]) =>
      'at' in entry ? [[channel, entry.at] as const] : [],
    );
    const [nodes, lists] = await Promise.all([
      this.#reader.values(place, thread, wanted),
      Promise.all(
        entries.map(async ([channel, entry]) =>
          'list' in entry ? this.#reader.items(place, thread, channel, entry.list) : [],
        ),
      ),
    ]);
    const raws = new Map<string, Raw>();
    for (const [index, [channel, entry]] of entries.entries()) {
      if ('is' in entry) raws.set(channel, { encoded: `{"json":${JSON.stringify(entry.is)}}` });
      else if ('list' in entry) raws.set(channel, { items: lists[index] ?? [] });
      else raws.set(channel, { encoded: nodes.get(channelPath(place.space, channel, entry.at)) ?? 'null' });
    }
    return raws;
  }

  async #attached(
    place: Place,
    thread: ThreadMemory,
    raws: Iterable<Raw>,
    writes: FoundCheckpoint['writes'],
  ): Promise<Attached> {
    const texts = new Set<string>();
    const bytes = new Set<string>();
    const look = (encoded: EncodedText): void => {
      digestsIn(storedTextOf(encoded) ?? '', texts);
      for (const digest of bytesIn(encoded)) bytes.add(digest);
    };
    for (const raw of raws) {
      if ('encoded' in raw) look(raw.encoded);
      else
        for (const item of raw.items)
          if (item.read === undefined) for (const digest of digestsOf(item)) texts.add(digest);
    }
    for (const [, task] of writes) for (const [, , encoded] of task.writes) look(JSON.stringify(encoded));
    return this.#reader.attached(place, thread, texts, bytes);
  }

  #value(channel: string, raw: Raw, attached: Attached): Promise<unknown> {
    const what = `the value of the channel ${JSON.stringify(channel)}`;
    return 'items' in raw
      ? this.#items(raw.items, attached, what)
      : this.#serializer.decode(raw.encoded, attached, what);
  }

  /** The values of items: copies of what was read before, and the rest decoded. */
  async #items(items: readonly KnownItem[], attached: Attached, what: string): Promise<unknown[]> {
    const values: unknown[] = items.map((item) => this.#memo.read(item));
    const missing = items.flatMap((item, place) => (item.read === undefined ? [[place, item] as const] : []));
    if (missing.length === 0) return values;
    const texts = missing.map(([, { stored }]) => stored);
    const decoded = (await this.#serializer.decodeStored(
      `[${texts.join(',')}]`,
      attached,
      what,
    )) as readonly unknown[];
    for (const [at, [place, item]] of missing.entries()) {
      values[place] = decoded[at];
      this.#memo.noteRead(decoded[at], item);
    }
    return values;
  }

  async #pendingWrites(
    writes: FoundCheckpoint['writes'],
    attached: Attached,
  ): Promise<CheckpointPendingWrite[]> {
    const told: CheckpointPendingWrite[] = [];
    for (const [taskId, task] of writes)
      for (const [, channel, encoded] of task.writes) {
        const what = `the write of task ${taskId} to ${JSON.stringify(channel)}`;
        told.push([taskId, channel, await this.#serializer.decode(JSON.stringify(encoded), attached, what)]);
      }
    return told;
  }

  /** Older checkpoints have their sends among the writes of their parent. */
  async #migrateSends(
    place: Place,
    thread: ThreadMemory,
    checkpoint: Checkpoint,
    parentId: string,
  ): Promise<void> {
    const writes = await this.pendingWrites(place, thread, await this.#reader.writes(place, parentId));
    checkpoint.channel_values[TASKS] = writes
      .filter(([, channel]) => channel === TASKS)
      .map(([, , value]) => value);
    const versions = Object.values(checkpoint.channel_versions);
    const version =
      versions.length > 0 ? maxChannelVersion(...versions) : this.#saver.getNextVersion(undefined);
    checkpoint.channel_versions = { ...checkpoint.channel_versions, [TASKS]: version };
  }
}

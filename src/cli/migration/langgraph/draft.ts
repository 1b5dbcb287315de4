/** What one checkpoint takes to store: nodes of its channels, its record, its pending writes, and what these name. */
import { json, operation, type Operation } from '../../../../clients/typescript/src/index.ts';
import { arrayItems, arrayParts, objectMembers } from '../../json-parts.ts';
import { diffBytesMax, inlineBytesMax, listBytesMin, storedValueBytesMax } from '../limits.ts';
import { Unimportable } from '../segments.ts';
import { attachTexts, encoded, wholeJson, type Attached } from './encoded.ts';
import { planList, type Segment, type Tail } from './list-plan.ts';
import { channelPath, checkpointPath, taskPath } from './places.ts';
import type { SavedCheckpoint, SavedTask } from './saved-checkpoint.ts';
import { storedOf, type SavedValue, type SharedValue } from './saved-value.ts';
import {
  entryJson,
  headJson,
  type Entries,
  type Entry,
  type Head,
  type SpaceMemory,
} from './space-memory.ts';

/** A node that takes more is refused by the broker. */
const recordBytesMax = 2 * 1024 * 1024;

export class Draft {
  readonly #path: string;
  readonly #memory: SpaceMemory;
  readonly #tails: Map<string, Tail>;
  readonly operations: Operation[] = [];
  readonly attached: Attached = { texts: new Map(), bytes: new Map() };
  readonly #nodes: { readonly channel: string; readonly number: number; readonly json: string }[] = [];
  readonly #segments: (Segment & { readonly channel: string })[] = [];
  #next: number;
  /** Bytes of the operations, about. */
  size = 0;

  constructor(path: string, memory: SpaceMemory, head: Head | undefined) {
    this.#path = path;
    this.#memory = memory;
    this.#next = head?.next ?? 1;
    this.#tails = new Map(head?.tails);
  }

  /** Drafts all of a checkpoint; the head that it leaves. Then it is known to the memory: it must be published. */
  async checkpoint(checkpoint: SavedCheckpoint, head: Head | undefined): Promise<Head> {
    const { id, parentId } = checkpoint;
    const parent = parentId === undefined ? undefined : await this.#memory.entries(parentId);
    const entries = new Map<string, Entry>();
    for (const [channel, value] of checkpoint.values)
      entries.set(channel, await this.#entry(channel, value, parent?.get(channel)));
    const record = recordJson(checkpoint, entries);
    if (Buffer.byteLength(record) > recordBytesMax)
      throw new Unimportable(
        `its metadata, versions and small values take ${Buffer.byteLength(record)} bytes, and ${recordBytesMax} are the most`,
      );
    this.#put(checkpointPath(this.#path, id), record);
    for (const task of checkpoint.tasks) this.task(id, task);
    const next = Math.max(this.#next, (head?.next ?? 1) + 1);
    const after: Head = { id: head === undefined || id > head.id ? id : head.id, next, tails: this.#tails };
    this.#put(`${this.#path}/head`, headJson(after));
    this.#memory.noteRecord(id, entries);
    for (const { channel, number, json: text } of this.#nodes) this.#memory.noteNode(channel, number, text);
    for (const { channel, number, start, items } of this.#segments)
      this.#memory.noteItems(channel, number, start, items);
    return after;
  }

  /** Drafts the pending writes of a task: beside those that are `there`, as the JSON of their node. */
  task(id: string, { id: taskId, path, writes }: SavedTask, there?: string): void {
    let room = storedValueBytesMax;
    const told = writesIn(there);
    for (const [index, channel, value] of writes) {
      const text = encoded(value, this.attached, Math.max(0, room));
      room -= text.length * 2;
      told.push([index, `[${index},${JSON.stringify(channel)},${text}]`]);
    }
    const all = told.sort(([a], [b]) => a - b).map(([, text]) => text);
    this.#put(
      taskPath(this.#path, id, taskId),
      `{"path":${JSON.stringify(path)},"writes":[${all.join(',')}]}`,
    );
  }

  async #entry(channel: string, value: SavedValue, inherited: Entry | undefined): Promise<Entry> {
    if (value.kind === 'tagged') return this.#node(channel, encoded(value, this.attached), inherited);
    const stored = storedOf(value);
    const size = Buffer.byteLength(stored);
    const isList =
      value.isArray &&
      value.parts.length > 0 &&
      (size >= listBytesMin || (inherited !== undefined && 'list' in inherited));
    const largest = isList ? Math.max(...value.parts.map(({ json: part }) => Buffer.byteLength(part))) : size;
    if (largest > storedValueBytesMax || this.size + size > diffBytesMax)
      return this.#node(channel, wholeJson(value, this.attached), inherited);
    if (isList) return this.#list(channel, value, inherited);
    if (size <= inlineBytesMax) {
      attachTexts(value, this.attached);
      return { is: stored };
    }
    const texts: Attached = { texts: new Map(), bytes: new Map() };
    return this.#node(channel, encoded(value, texts), inherited, texts);
  }

  /** A node of its own, or the parent's where that holds the same. */
  async #node(channel: string, text: string, inherited: Entry | undefined, texts?: Attached): Promise<Entry> {
    if (
      inherited !== undefined &&
      'at' in inherited &&
      (await this.#memory.isAt(channel, inherited.at, text))
    )
      return inherited;
    for (const [digest, content] of texts?.texts ?? []) this.attached.texts.set(digest, content);
    const at = this.#next;
    this.#next += 1;
    this.#put(channelPath(this.#path, channel, at), text);
    this.#nodes.push({ channel, number: at, json: text });
    return { at };
  }

  async #list(channel: string, { parts }: SharedValue, inherited: Entry | undefined): Promise<Entry> {
    const runs = inherited !== undefined && 'list' in inherited ? inherited.list : [];
    const plan = planList(
      parts.map(({ json: part }) => part),
      {
        runs,
        items: await this.#memory.items(channel, runs),
        tail: this.#tails.get(channel),
        next: this.#next,
      },
    );
    this.#next = plan.next;
    if (plan.tail !== undefined) this.#tails.set(channel, plan.tail);
    for (const place of plan.added)
      for (const [digest, text] of parts[place]?.texts ?? []) this.attached.texts.set(digest, text);
    for (const segment of plan.segments) {
      const path = `${channelPath(this.#path, channel, segment.number)}/${segment.start}`;
      this.#put(path, `[${segment.items.join(',')}]`);
      this.#segments.push({ channel, ...segment });
    }
    return { list: plan.runs };
  }

  #put(path: string, text: string): void {
    this.operations.push(operation.put(path, json(text)));
    this.size += path.length + text.length;
  }
}

/** The writes of a node, each with its index. */
function writesIn(node: string | undefined): [index: number, json: string][] {
  const member = node === undefined ? undefined : objectMembers(node)?.find(({ name }) => name === 'writes');
  if (node === undefined || member === undefined) return [];
  const parts = arrayParts(node, member.start) ?? [];
  return parts.map(({ start, end }) => {
    const text = node.slice(start, end);
    return [Number(arrayItems(text)?.[0] ?? 0), text];
  });
}

/** Fields of a checkpoint that have places of their own in its record. */
const known = new Set(['v', 'id', 'ts', 'channel_values', 'channel_versions', 'versions_seen']);
const nothing = new Set(['null', '[]', '{}']);

function recordJson({ parentId, open, metadata }: SavedCheckpoint, entries: Entries): string {
  const more = [...open].filter(
    ([name, value]) => !known.has(name) && !nothing.has(value.replace(/\s/g, '')),
  );
  const members: readonly (readonly [string, string])[] = [
    ['v', open.get('v') ?? '1'],
    ['ts', open.get('ts') ?? '""'],
    ...(parentId === undefined ? [] : [['parent', JSON.stringify(parentId)] as const]),
    ['metadata', metadata],
    ['versions', counted(open.get('channel_versions') ?? '{}')],
    ['seen', seenCounted(open.get('versions_seen') ?? '{}')],
    ['channels', object([...entries].map(([channel, entry]) => [channel, entryJson(entry)]))],
    ...(more.length === 0 ? [] : [['more', object(more)] as const]),
  ];
  return object(members);
}

/**
 * Versions by channel, as the integers that both languages count with. Python's savers make texts such as `00000003.0.77`, of which the part before
 * the dot counts; LangGraph cannot compare these with the numbers that come next.
 */
function counted(versions: string): string {
  return mapped(versions, (version) => /^"0*(\d+)(?:\..*)?"$/.exec(version)?.[1] ?? version);
}

function seenCounted(seen: string): string {
  return mapped(seen, counted);
}

function mapped(json: string, map: (member: string) => string): string {
  const members = objectMembers(json);
  if (members === undefined) return json;
  return object(members.map(({ name, start, end }) => [name, map(json.slice(start, end))]));
}

function object(members: readonly (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** Checkpoints as LangGraph's savers keep them, taken apart into what a record says and what channels hold. */
import { objectMembers } from '../../json-parts.ts';
import { Unimportable } from '../segments.ts';
import {
  checkedJson,
  msgpackOf,
  savedJson,
  savedPacked,
  savedValue,
  textOf,
  type SavedValue,
} from './saved-value.ts';
import { plainJson } from './shared-form.ts';

/** What is plain JSON in a checkpoint, by name, each as JSON text; its id and values are not among them. */
export type OpenFields = ReadonlyMap<string, string>;

/** A checkpoint without what its row says. */
export interface CheckpointBody {
  readonly open: OpenFields;
  readonly values: ReadonlyMap<string, SavedValue>;
}

export interface SavedCheckpoint extends CheckpointBody {
  readonly id: string;
  readonly parentId: string | undefined;
  /** JSON text. */
  readonly metadata: string;
  readonly tasks: readonly SavedTask[];
}

/** Pending writes of one task, by index. */
export interface SavedTask {
  readonly id: string;
  readonly path: string;
  readonly writes: readonly (readonly [index: number, channel: string, value: SavedValue])[];
}

/** A row of pending writes, as all savers have it. */
export interface WriteRow {
  readonly task_id: string;
  readonly task_path: string;
  readonly idx: number;
  readonly channel: string;
  readonly type: string | null;
  readonly value: Uint8Array | null;
}

const valuesField = 'channel_values';
const nowhere = new Uint8Array();

/** A checkpoint that was written as a whole, with all values in it. */
export function wholeCheckpoint(tag: string | null, bytes: Uint8Array): CheckpointBody {
  if (tag === null || tag === 'json') return checkpointOfJson(textOf(bytes));
  if (tag === 'msgpack') return checkpointOfMsgpack(bytes);
  throw new Unimportable(
    `it was written by a serialiser of the user's (${tag}), and nothing can be told of what is in it: copy it with LangGraph itself, ` +
      'from the old saver to HyperloomSaver with the same serialiser',
  );
}

/** A checkpoint as JSON text: all that is known of the values in it. */
export function checkpointOfJson(text: string): CheckpointBody {
  const open = new Map<string, string>();
  const values = new Map<string, SavedValue>();
  for (const { name, start, end } of objectMembers(text) ?? noObject()) {
    if (name !== valuesField) open.set(name, text.slice(start, end));
    else
      for (const value of objectMembers(text, start) ?? [])
        values.set(
          value.name,
          inChannel(value.name, () => savedJson(text.slice(value.start, value.end))),
        );
  }
  return { open, values };
}

function checkpointOfMsgpack(bytes: Uint8Array): CheckpointBody {
  const open = new Map<string, string>();
  const values = new Map<string, SavedValue>();
  const whole = msgpackOf(bytes);
  if (whole.kind !== 'map') return noObject();
  for (const [key, member] of whole.entries) {
    if (key.kind !== 'text') noObject();
    else if (key.value !== valuesField) open.set(key.value, plainJson(member) ?? notPlain(key.value));
    else if (member.kind === 'map')
      for (const [channel, value] of member.entries)
        if (channel.kind === 'text')
          values.set(
            channel.value,
            inChannel(channel.value, () => savedPacked(value, bytes)),
          );
  }
  return { open, values };
}

/** Rows of a checkpoint's writes, by task, then by index. */
export function tasksOf(rows: readonly WriteRow[]): readonly SavedTask[] {
  const tasks = new Map<string, { path: string; writes: [number, string, SavedValue][] }>();
  for (const { task_id: id, task_path: path, idx, channel, type, value } of rows) {
    const task = tasks.get(id) ?? { path, writes: [] };
    tasks.set(id, task);
    const saved = inChannel(channel, () => savedValue(type, value ?? nowhere)) ?? savedJson('null');
    task.writes.push([idx, channel, saved]);
  }
  return [...tasks].map(([id, { path, writes }]) => ({ id, path, writes: writes.sort(([a], [b]) => a - b) }));
}

/** Metadata, as text or bytes of JSON; savers leave it out where there is none. */
export function metadataOf(stored: string | Uint8Array | null): string {
  if (stored === null) return '{}';
  return typeof stored === 'string' ? checkedJson(stored) : textOf(stored);
}

/** Names the channel in what cannot be read. */
export function inChannel<T>(channel: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Unimportable
      ? new Unimportable(`the channel ${JSON.stringify(channel)}: ${error.message}`)
      : error;
  }
}

function notPlain(field: string): never {
  throw new Unimportable(`its ${field} is more than plain data`);
}

function noObject(): never {
  throw new Unimportable('it is no checkpoint: an object with text keys was expected');
}

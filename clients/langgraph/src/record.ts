/** Records of checkpoints and the heads of namespaces, as they lie in nodes: `docs/frameworks/langgraph-layout.md`. */
import type { Checkpoint, CheckpointMetadata } from '@langchain/langgraph-checkpoint';
import type { Plain } from './stored-json.ts';

/** Items `from` (with) to `to` (without) of list `number`. */
export type Run = readonly [number: number, from: number, to: number];

/** Where a channel's value is: in the record, in a node, or in lists. */
export type Entry = { readonly is: Plain } | { readonly at: number } | { readonly list: readonly Run[] };

export type Versions = Checkpoint['channel_versions'];

export interface CheckpointRecord {
  readonly v: number;
  readonly ts: string;
  readonly parent?: string;
  readonly metadata: CheckpointMetadata;
  readonly versions: Versions;
  readonly seen: Checkpoint['versions_seen'];
  readonly channels: Readonly<Record<string, Entry>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A list that may be continued, and how long it is. */
export type Tail = readonly [number: number, length: number];

export interface Head {
  readonly id: string;
  /** The next number for a node below `channels`. */
  readonly next: number;
  readonly tails?: Readonly<Record<string, Tail>>;
}

/** Pending writes of one task. */
export interface TaskWrites {
  readonly path: string;
  readonly writes: readonly (readonly [index: number, channel: string, encoded: Plain])[];
}

export function parseRecord(text: string): CheckpointRecord {
  return JSON.parse(text) as CheckpointRecord;
}

export function parseHead(text: string): Head {
  return JSON.parse(text) as Head;
}

/** An own member of a record's object, whatever its name. */
export function own<V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An object with these members, whatever their names. */
export function objectOf<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  return Object.fromEntries(entries);
}

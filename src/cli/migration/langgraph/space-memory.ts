/** What an import knows of a namespace: what it has written itself, and what it reads of an earlier import when it goes on. */
import type { Client } from '../../../../clients/typescript/src/index.ts';
import { arrayItems } from '../../json-parts.ts';
import { recordsKeptMax } from '../limits.ts';
import { find } from '../find.ts';
import { digestOf } from '../stored-json.ts';
import type { Run, Tail } from './list-plan.ts';
import { channelPath, checkpointPath } from './places.ts';

/** Where a channel's value is: in the record, in a node, or in lists. `is` is JSON text. */
export type Entry = { readonly is: string } | { readonly at: number } | { readonly list: readonly Run[] };

export type Entries = ReadonlyMap<string, Entry>;

export class SpaceMemory {
  readonly #client: Client;
  readonly #path: string;
  readonly #records = new Map<string, Entries>();
  /** Digests of what lies in nodes, and the items of lists, by channel and number. */
  readonly #nodes = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  noteRecord(id: string, entries: Entries): void {
    this.#records.set(id, entries);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= recordsKeptMax) return;
      this.#records.delete(oldest);
    }
  }

  noteNode(channel: string, number: number, json: string): void {
    this.#nodes.set(keyOf(channel, number), digestOf(json));
  }

  noteItems(channel: string, number: number, start: number, items: readonly string[]): void {
    const list = this.#lists.get(keyOf(channel, number)) ?? [];
    this.#lists.set(keyOf(channel, number), list);
    for (const [index, item] of items.entries()) list[start + index] = item;
  }

  /** Where a checkpoint's values lie; `undefined` where it is not there. */
  async entries(id: string): Promise<Entries | undefined> {
    const known = this.#records.get(id);
    if (known !== undefined) return known;
    const node = await find(this.#client, checkpointPath(this.#path, id));
    if (node?.json === undefined) return undefined;
    const { channels } = JSON.parse(node.json) as {
      readonly channels: Readonly<Record<string, StoredEntry>>;
    };
    const entries = new Map(Object.entries(channels).map(([channel, entry]) => [channel, entryOf(entry)]));
    this.noteRecord(id, entries);
    return entries;
  }

  /** Whether this JSON lies in that node. */
  async isAt(channel: string, number: number, json: string): Promise<boolean> {
    const key = keyOf(channel, number);
    let digest = this.#nodes.get(key);
    if (digest === undefined) {
      digest = digestOf((await find(this.#client, channelPath(this.#path, channel, number)))?.json ?? '');
      this.#nodes.set(key, digest);
    }
    return digest === digestOf(json);
  }

  /** The items of these runs, as stored JSON. */
  async items(channel: string, runs: readonly Run[]): Promise<readonly string[]> {
    const items: string[] = [];
    for (const [number, from, to] of runs) {
      const list = this.#lists.get(keyOf(channel, number)) ?? (await this.#readList(channel, number));
      items.push(...list.slice(from, to));
    }
    return items;
  }

  async #readList(channel: string, number: number): Promise<string[]> {
    const path = channelPath(this.#path, channel, number);
    for await (const { path: segment, json } of this.#client.list(path, { depth: 1 }))
      if (json !== undefined)
        this.noteItems(channel, number, Number(segment.slice(path.length + 1)), arrayItems(json) ?? []);
    return this.#lists.get(keyOf(channel, number)) ?? [];
  }
}

type StoredEntry = { readonly is: unknown } | { readonly at: number } | { readonly list: readonly Run[] };

function entryOf(stored: StoredEntry): Entry {
  return 'is' in stored ? { is: JSON.stringify(stored.is) } : stored;
}

export function entryJson(entry: Entry): string {
  return 'is' in entry ? `{"is":${entry.is}}` : JSON.stringify(entry);
}

function keyOf(channel: string, number: number): string {
  return `${number}\n${channel}`;
}

/** The newest checkpoint, and how nodes go on. */
export interface Head {
  readonly id: string;
  readonly next: number;
  readonly tails: ReadonlyMap<string, Tail>;
}

export function headJson({ id, next, tails }: Head): string {
  return JSON.stringify({ id, next, ...(tails.size === 0 ? {} : { tails: Object.fromEntries(tails) }) });
}

export function parseHead(json: string): Head {
  const {
    id,
    next,
    tails = {},
  } = JSON.parse(json) as {
    readonly id: string;
    readonly next: number;
    readonly tails?: Readonly<Record<string, Tail>>;
  };
  return { id, next, tails: new Map(Object.entries(tails)) };
}

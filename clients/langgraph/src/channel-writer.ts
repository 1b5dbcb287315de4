/** The channels of one put: which values are stored anew, which are the parent's, and the nodes that it takes. */
import { json, operation, type Operation } from '@hyperloom/client';
import type { ChannelVersions, Checkpoint } from '@langchain/langgraph-checkpoint';
import { diffBytesMax, inlineBytesMax, listBytesMin } from './limits.ts';
import type { ItemMemo } from './item-memo.ts';
import { digestsOf, planList, type KnownItem, type ListPlan } from './lists.ts';
import { channelPath } from './names.ts';
import type { Place } from './place.ts';
import { own, type CheckpointRecord, type Entry, type Head, type Run, type Tail } from './record.ts';
import { fits, type Attachments, type Serializer } from './serializer.ts';
import type { Plain } from './stored-json.ts';

/** What a put begins with. */
export interface PutBasis {
  readonly place: Place;
  readonly checkpoint: Checkpoint;
  readonly newVersions: ChannelVersions;
  readonly isCopy: boolean;
  readonly hasParent: boolean;
  /** The parent's record, where there is one. */
  readonly parent: CheckpointRecord | undefined;
  readonly head: Head | undefined;
  readonly memo: ItemMemo;
  /** Whether a text lies in the thread, and what it is where that is known. */
  readonly isStored: (digest: string) => boolean;
  readonly textOf: (digest: string) => string | undefined;
  /** The items of a channel's runs. */
  readonly items: (channel: string, runs: readonly Run[]) => Promise<KnownItem[]>;
}

/** A list with what a put adds to it. */
export interface GrownList {
  readonly channel: string;
  readonly number: number;
  readonly start: number;
  readonly items: readonly KnownItem[];
}

export class ChannelWriter {
  readonly #basis: PutBasis;
  readonly #serializer: Serializer;
  readonly #attached: Attachments;
  readonly #tails: Record<string, Tail>;
  readonly operations: Operation[] = [];
  /** Values that lie in nodes of their own now, as text by path. */
  readonly values = new Map<string, string>();
  readonly lists: GrownList[] = [];
  #next: number;
  #size = 0;

  constructor(basis: PutBasis, serializer: Serializer, attached: Attachments) {
    this.#basis = basis;
    this.#serializer = serializer;
    this.#attached = attached;
    this.#next = basis.head?.next ?? 1;
    this.#tails = { ...basis.head?.tails };
  }

  /** The head after this put. Its `next` is always larger than before, so that no two heads are alike. */
  head(id: string): Head {
    const next = Math.max(this.#next, (this.#basis.head?.next ?? 1) + 1);
    return Object.keys(this.#tails).length === 0 ? { id, next } : { id, next, tails: this.#tails };
  }

  /** Bytes of the operations so far, about. */
  get size(): number {
    return this.#size;
  }

  /** The entries of all channels that have a value. */
  async entries(): Promise<Record<string, Entry>> {
    const { checkpoint, newVersions, parent, hasParent, isCopy } = this.#basis;
    const entries: [string, Entry][] = [];
    for (const [channel, version] of Object.entries(checkpoint.channel_versions)) {
      const isNew = Object.hasOwn(newVersions, channel);
      const isInherited = !isNew && parent !== undefined && own(parent.versions, channel) === version;
      const inherited = own(parent?.channels, channel);
      if (isInherited && inherited !== undefined) entries.push([channel, inherited]);
      if (isInherited || !(isNew || hasParent || isCopy)) continue;
      const value = own(checkpoint.channel_values, channel);
      if (value !== undefined) entries.push([channel, await this.#entry(channel, value, inherited)]);
    }
    return Object.fromEntries(entries);
  }

  async #entry(channel: string, value: unknown, inherited: Entry | undefined): Promise<Entry> {
    const what = `the value of the channel ${JSON.stringify(channel)}`;
    if (!this.#serializer.isShared || value instanceof Uint8Array) return this.#whole(channel, value, what);
    const texts = new Map<string, string>();
    const attached = { ...this.#attached, texts };
    const isArray = Array.isArray(value);
    const known: KnownItem[] = [];
    for (const item of isArray ? (value as readonly unknown[]) : [value])
      known.push(this.#known(item, attached) ?? (await this.#encoded(item, attached, what)));
    const items = known.map(({ stored }) => stored);
    const size = items.reduce((sum, item) => sum + item.length, 0);
    const isList =
      isArray &&
      items.length > 0 &&
      (size >= listBytesMin || (inherited !== undefined && 'list' in inherited));
    if (isList && !items.every(fits)) return this.#whole(channel, value, what);
    if (isList) {
      const planned = await this.#planned(channel, known, items, inherited);
      const added = planned.segments.flatMap((segment) => segment.items);
      if (this.#size + added.reduce((sum, item) => sum + item.length, 0) > diffBytesMax)
        return this.#whole(channel, value, what);
      for (const [digest, text] of texts) this.#attached.texts.set(digest, text);
      return this.#list(channel, known, planned);
    }
    const stored = isArray ? `[${items.join(',')}]` : (items[0] ?? 'null');
    if (!fits(stored) || this.#size + size > diffBytesMax) return this.#whole(channel, value, what);
    for (const [digest, text] of texts) this.#attached.texts.set(digest, text);
    if (stored.length <= inlineBytesMax && Buffer.byteLength(stored) <= inlineBytesMax)
      return { is: JSON.parse(stored) as Plain };
    return this.#node(channel, `{"json":${stored}}`);
  }

  /** A part of a value as it was encoded before, if it was, and if its texts are at hand or in the thread. */
  #known(value: unknown, attached: Attachments): KnownItem | undefined {
    const { memo, textOf, isStored } = this.#basis;
    const known = memo.itemOf(value);
    if (known === undefined) return undefined;
    for (const digest of digestsOf(known)) {
      if (isStored(digest)) attached.relied.add(digest);
      else {
        const text = textOf(digest);
        if (text === undefined) return undefined;
        attached.texts.set(digest, text);
      }
    }
    return known;
  }

  async #encoded(value: unknown, attached: Attachments, what: string): Promise<KnownItem> {
    const texts = new Map<string, string>();
    const stored = await this.#serializer.stored(value, { ...attached, texts }, what);
    for (const [digest, text] of texts) attached.texts.set(digest, text);
    const item: KnownItem = { stored, own: stored, digests: [...texts.keys()] };
    this.#basis.memo.noteWritten(value, item);
    return item;
  }

  async #whole(channel: string, value: unknown, what: string): Promise<Entry> {
    return this.#node(channel, await this.#serializer.encodeWhole(value, this.#attached, what));
  }

  #node(channel: string, text: string): Entry {
    const at = this.#next;
    this.#next += 1;
    const path = channelPath(this.#basis.place.space, channel, at);
    this.#put(path, text);
    this.values.set(path, text);
    return { at };
  }

  async #planned(
    channel: string,
    values: readonly KnownItem[],
    items: readonly string[],
    inherited: Entry | undefined,
  ): Promise<ListPlan> {
    const runs = inherited !== undefined && 'list' in inherited ? inherited.list : [];
    const known = await this.#basis.items(channel, runs);
    const basis = { runs, items: known, tail: own(this.#tails, channel), next: this.#next };
    const plan = planList(items, basis);
    const isMoreThanGrown = countOf(plan) > values.length - known.length;
    return isMoreThanGrown && (await this.#lookAgain(known)) ? planList(items, basis) : plan;
  }

  #list(channel: string, values: readonly KnownItem[], plan: ListPlan): Entry {
    this.#next = plan.next;
    if (plan.tail !== undefined) this.#tails[channel] = plan.tail;
    const byText = new Map(values.slice(plan.same).map((item) => [item.stored, item]));
    for (const { number, start, items: added } of plan.segments) {
      this.#put(`${channelPath(this.#basis.place.space, channel, number)}/${start}`, `[${added.join(',')}]`);
      const items = added.map((stored) => byText.get(stored) ?? { stored });
      this.lists.push({ channel, number, start, items });
    }
    return { list: plan.runs };
  }

  /** What another language or version has written looks different from what this process would write for the same. */
  async #lookAgain(known: readonly KnownItem[]): Promise<boolean> {
    let isDifferent = false;
    for (const item of known) {
      item.own ??= await this.#serializer.rewritten(item.stored);
      isDifferent ||= item.own !== item.stored;
    }
    return isDifferent;
  }

  #put(path: string, text: string): void {
    this.operations.push(operation.put(path, json(text)));
    this.#size += path.length + text.length;
  }
}

function countOf(plan: ListPlan): number {
  return plan.segments.reduce((sum, { items }) => sum + items.length, 0);
}

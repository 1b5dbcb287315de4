/** The channels of one put: which values are stored anew, which are the parent's, and the nodes that it takes. */
import { json, operation, type Operation } from '@hyperloom/client';
import type { ChannelVersions, Checkpoint } from '@langchain/langgraph-checkpoint';
import { copyOf } from './copies.ts';
import { diffBytesMax, inlineBytesMax, listBytesMin } from './limits.ts';
import type { ItemMemo } from './item-memo.ts';
import { digestsOf, planGrown, planList, type KnownItem, type ListBasis, type ListPlan } from './lists.ts';
import { channelPath } from './names.ts';
import type { Place } from './place.ts';
import { plainMessageText } from './plain-message.ts';
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
    if (Array.isArray(value)) return this.#array(channel, value, inherited, attached, what);
    const { stored } = this.#known(value, attached) ?? (await this.#encoded(value, attached, what));
    return this.#single(channel, value, stored, attached, what);
  }

  async #array(
    channel: string,
    value: readonly unknown[],
    inherited: Entry | undefined,
    attached: Attachments,
    what: string,
  ): Promise<Entry> {
    const runs = inherited !== undefined && 'list' in inherited ? inherited.list : undefined;
    const parent = runs === undefined ? [] : await this.#basis.items(channel, runs);
    const same = this.#sameAs(parent, value);
    const added: KnownItem[] = [];
    for (let place = same; place < value.length; place += 1) {
      const item = value[place];
      added.push(
        this.#known(item, attached) ??
          this.#plainMessage(item, attached) ??
          (await this.#encoded(item, attached, what)),
      );
    }
    const size = added.reduce((sum, { stored }) => sum + stored.length, 0);
    if (value.length === 0 || (runs === undefined && size < listBytesMin))
      return this.#single(channel, value, `[${added.map(({ stored }) => stored).join(',')}]`, attached, what);
    if (!added.every(({ stored }) => fits(stored))) return this.#whole(channel, value, what);
    const basis = { runs: runs ?? [], items: parent, tail: own(this.#tails, channel), next: this.#next };
    const plan =
      (same === parent.length
        ? planGrown(
            added.map(({ stored }) => stored),
            basis,
          )
        : undefined) ?? (await this.#planned([...parent.slice(0, same), ...added], basis));
    const appended = plan.segments.flatMap(({ items }) => items);
    if (this.#size + appended.reduce((sum, item) => sum + item.length, 0) > diffBytesMax)
      return this.#whole(channel, value, what);
    this.#attach(attached);
    return this.#list(channel, added, plan);
  }

  /** Puts a value into the record, or into a node. */
  async #single(
    channel: string,
    value: unknown,
    stored: string,
    attached: Attachments,
    what: string,
  ): Promise<Entry> {
    if (!fits(stored) || this.#size + stored.length > diffBytesMax) return this.#whole(channel, value, what);
    this.#attach(attached);
    if (stored.length <= inlineBytesMax && Buffer.byteLength(stored) <= inlineBytesMax)
      return { is: JSON.parse(stored) as Plain };
    return this.#node(channel, `{"json":${stored}}`);
  }

  #attach({ texts }: Attachments): void {
    for (const [digest, text] of texts) this.#attached.texts.set(digest, text);
  }

  /**
   * How many items at the beginning are the parent's: as a rule all of them. What these name lies in the thread for as long as the parent does,
   * which a put upon a head relies on anyway.
   */
  #sameAs(parent: readonly KnownItem[], value: readonly unknown[]): number {
    if (this.#basis.head === undefined) return 0;
    const { memo } = this.#basis;
    let same = 0;
    for (const item of parent) {
      if (same === value.length || !memo.isItem(value[same], item)) break;
      same += 1;
    }
    return same;
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

  /** A message as most are; nothing is waited for between its encoding and what is remembered of it, so it need not be copied. */
  #plainMessage(value: unknown, attached: Attachments): KnownItem | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const texts = new Map<string, string>();
    const stored = plainMessageText(value, texts);
    if (stored === undefined) return undefined;
    const item = itemOf(stored, texts, attached);
    this.#basis.memo.noteWritten(value, value, item);
    return item;
  }

  async #encoded(value: unknown, attached: Attachments, what: string): Promise<KnownItem> {
    const texts = new Map<string, string>();
    const isObject = typeof value === 'object' && value !== null;
    const copy = isObject ? copyOf(value) : undefined;
    const stored = await this.#serializer.stored(value, { ...attached, texts }, what, copy);
    const item = itemOf(stored, texts, attached);
    if (isObject && copy !== undefined) this.#basis.memo.noteWritten(value, copy, item);
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

  async #planned(values: readonly KnownItem[], basis: ListBasis): Promise<ListPlan> {
    const items = values.map(({ stored }) => stored);
    const plan = planList(items, basis);
    const isMoreThanGrown = countOf(plan) > values.length - basis.items.length;
    return isMoreThanGrown && (await this.#lookAgain(basis.items)) ? planList(items, basis) : plan;
  }

  /** `added`: those among which the plan's new items are. */
  #list(channel: string, added: readonly KnownItem[], plan: ListPlan): Entry {
    this.#next = plan.next;
    if (plan.tail !== undefined) this.#tails[channel] = plan.tail;
    const byText = new Map(added.map((item) => [item.stored, item]));
    for (const { number, start, items: texts } of plan.segments) {
      this.#put(`${channelPath(this.#basis.place.space, channel, number)}/${start}`, `[${texts.join(',')}]`);
      const items = texts.map((stored) => byText.get(stored) ?? { stored });
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

/** What was encoded, whose texts have to come along. */
function itemOf(stored: string, texts: ReadonlyMap<string, string>, attached: Attachments): KnownItem {
  for (const [digest, text] of texts) attached.texts.set(digest, text);
  return { stored, own: stored, digests: [...texts.keys()] };
}

function countOf(plan: ListPlan): number {
  return plan.segments.reduce((sum, { items }) => sum + items.length, 0);
}

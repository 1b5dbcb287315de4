/**
 * What the broker itself tells at the end: its history, and by replaying it what each node held at each revision. The rules of replay are
 * this page's own and share nothing with the broker; where history and clients disagree, the broker lied to one of them.
 */
import type { Event as WireEvent } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { asking, limits } from './broker.ts';
import type { Ask } from './broker.ts';
import { canonicalJson, toldOf } from './canonical.ts';
import type { Told } from './record.ts';

/** An event of the trunk. */
export interface StoryEvent {
  readonly revision: number;
  readonly requestId: string;
  readonly label: string;
  readonly changes: readonly Told[];
}

/** Reads the history of a forest's trunk behind a revision, up to the newest. */
export function readStory(
  address: string,
  forest: string,
  after: number,
  ask: Ask = asking,
): Promise<StoryEvent[]> {
  return ask(address, async ({ context }) => {
    const events: StoryEvent[] = [];
    let pageToken = '';
    do {
      const page = await context.history(
        { forest, afterRevision: BigInt(after), pageSize: 1_000, pageToken },
        limits,
      );
      events.push(...page.events.map(storyEvent));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return events;
  });
}

function storyEvent({ revision, requestId, label, changes }: WireEvent): StoryEvent {
  return { revision: Number(revision), requestId, label, changes: changes.map(toldOf) };
}

/** All of an event as one text, to be compared. */
export function eventText({ requestId, label, changes }: StoryEvent): string {
  return JSON.stringify([requestId, label, changes]);
}

export function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

/** A node from a revision on: its text, or `null` where it is gone. */
interface Moment {
  readonly revision: number;
  readonly text: string | null;
}

/** What each node held at each revision. */
export class Timeline {
  readonly #moments = new Map<string, Moment[]>();
  readonly newest: number;

  /** Throws where a revision is missing. */
  constructor(events: readonly StoryEvent[]) {
    let next = 1;
    for (const { revision, changes } of events) {
      if (revision !== next) throw new Error(`revision ${revision} follows on ${next - 1}`);
      next += 1;
      for (const change of changes) this.#apply(revision, change);
    }
    this.newest = next - 1;
  }

  /** `undefined` where there was no such node; otherwise its text and the revision of its last change. */
  at(path: string, revision: number): { readonly text: string; readonly revision: number } | undefined {
    const moment = lastUpTo(this.#moments.get(path) ?? [], revision);
    if (moment === undefined || moment.text === null) return undefined;
    return { text: moment.text, revision: moment.revision };
  }

  /** All nodes at or below a path. */
  below(prefix: string, revision: number): Map<string, string> {
    const nodes = new Map<string, string>();
    for (const path of this.#moments.keys()) {
      const node = isBelow(path, prefix) ? this.at(path, revision) : undefined;
      if (node !== undefined) nodes.set(path, node.text);
    }
    return nodes;
  }

  #apply(revision: number, [path, action, text]: Told): void {
    const old = this.at(path, revision)?.text;
    switch (action) {
      case 'put':
        return this.#set(path, revision, text);
      case 'append':
        return this.#set(path, revision, (old ?? '') + text);
      case 'increment':
        return this.#set(path, revision, String(BigInt(old ?? 0) + BigInt(text)));
      case 'merge':
        return this.#set(path, revision, merged(old ?? '{}', text));
      case 'delete':
        for (const each of this.below(path, revision).keys()) this.#set(each, revision, null);
        return;
      default:
        throw new TypeError(`the workload does no ${action}`);
    }
  }

  #set(path: string, revision: number, text: string | null): void {
    const moments = this.#moments.get(path) ?? [];
    moments.push({ revision, text });
    this.#moments.set(path, moments);
  }
}

function lastUpTo(moments: readonly Moment[], revision: number): Moment | undefined {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return moments[low - 1];
}

/** Fields of texts; those with null go. */
function merged(text: string, patch: string): string {
  const fields = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  for (const [key, value] of Object.entries(JSON.parse(patch) as Record<string, string | null>)) {
    if (value === null) fields.delete(key);
    else fields.set(key, value);
  }
  return canonicalJson(Object.fromEntries(fields));
}

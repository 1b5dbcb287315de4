/**
 * Ghosts that were begun before the part of history that is loaded. Their events are read from there back to their beginnings, as far as
 * that is near; of those that live and were begun before that, what their diffs tell of then is all that can be known: what was staged
 * anew since, or has been deleted in them, is not.
 */
import type { Client, Event, GhostInfo } from '../../../typescript/src/browser.ts';
import { ghostsShownMax } from '../model/graph.ts';
import type { EarlierGhosts, Staged } from '../model/ghosts.ts';
import { keyOf, type TimelineWindow } from '../model/timeline.ts';
import { stagedOf } from './facts.ts';
import { stagedAsked } from './ghost-source.ts';

const pageSizeWalked = 500;
/** Events read back at most: four calls, once for each part of history that is gone to. */
export const eventsWalkedMax = 2_000;

export class OlderGhosts {
  readonly #client: Client;
  #key = '';
  #found: EarlierGhosts = { known: [], events: [] };

  constructor(client: Client) {
    this.#client = client;
  }

  /** What was there before a window on history. `isNewest`: nothing has happened behind it. */
  async before(window: TimelineWindow, isNewest: boolean): Promise<EarlierGhosts> {
    const [first] = window.events;
    if (first === undefined) return { known: [], events: [] };
    const key = keyOf(first);
    if (key !== this.#key) {
      this.#found = await load(this.#client, window, first, isNewest);
      this.#key = key;
    }
    return this.#found;
  }
}

async function load(
  client: Client,
  window: TimelineWindow,
  first: Event,
  isNewest: boolean,
): Promise<EarlierGhosts> {
  const begun = new Set(window.events.filter(isBeginning).map(({ ghostId }) => ghostId));
  const living: GhostInfo[] = [];
  for await (const info of client.ghosts())
    if (info.beginTime <= first.time && !begun.has(info.id)) living.push(info);
  const inWindow = window.events.filter(({ transition }) => transition !== undefined);
  const sought = new Set([...living.map(({ id }) => id), ...inWindow.map(({ ghostId }) => ghostId)]);
  for (const id of begun) sought.delete(id);
  const events = window.isAtBeginning ? [] : await walkBack(client, window, first, sought);
  const far = living.filter(({ id }) => sought.has(id)).slice(0, ghostsShownMax);
  const known = far.toReversed().map(async (info) => {
    const next = [...events, ...inWindow].find(({ ghostId }) => ghostId === info.id)?.transition;
    const behind = isNewest ? Infinity : 0;
    const sequence = next === undefined ? behind : next.sequence - (next.kind === 'staged' ? 1 : 0);
    const staged = await stagedUpTo(client, info.id, sequence).catch(() => []);
    return { info: { ...info, commitPending: false }, staged };
  });
  return { known: await Promise.all(known), events };
}

/** Events of ghosts before a window, oldest first, back to where all that are sought for were begun; those that were found are taken out. */
async function walkBack(
  client: Client,
  window: TimelineWindow,
  { position }: Event,
  sought: Set<string>,
): Promise<readonly Event[]> {
  if (sought.size === 0) return [];
  const told = new Set(window.events.filter((event) => event.position === position).map(keyOf));
  const found: Event[] = [];
  let walked = 0;
  const asked = { everything: true, newestFirst: true, untilPosition: position, pageSize: pageSizeWalked };
  for await (const { items } of client.history(asked).pages()) {
    for (const event of items) {
      if (event.transition === undefined || told.has(keyOf(event))) continue;
      found.push(event);
      if (isBeginning(event)) sought.delete(event.ghostId);
    }
    walked += items.length;
    if (sought.size === 0 || walked >= eventsWalkedMax) break;
  }
  return found.toReversed();
}

/** What is staged in a ghost now and was so when its diff of that number was the newest. */
async function stagedUpTo(client: Client, id: string, sequence: number): Promise<readonly Staged[]> {
  const ghost = await client.attach(id);
  const { value: page } = await ghost.diff({ pageSize: stagedAsked }).pages().next();
  const differences = page?.items ?? [];
  return differences
    .filter(({ after }) => sequence === Infinity || (after !== undefined && after.stagedSequence <= sequence))
    .map(stagedOf);
}

function isBeginning({ transition }: Event): boolean {
  return transition?.kind === 'begun';
}

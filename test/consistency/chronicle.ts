/** The whole history of a forest, kept here while the broker compacts its own away: read before each compaction, and at the end. */
import { asking, limits } from './broker.ts';
import type { Ask } from './broker.ts';
import { nowNs } from './record.ts';
import { eventText, readStory } from './story.ts';
import type { StoryEvent } from './story.ts';

/** A compaction: the oldest revision that it was to leave, from when it was asked for to when it was answered (`Infinity`: never). */
export interface Compaction {
  readonly revision: number;
  readonly callNs: number;
  returnNs: number;
}

export class Chronicle {
  readonly forest: string;
  readonly compactions: Compaction[] = [];
  /** What history told otherwise than before. */
  readonly bugs: string[] = [];
  readonly #events: StoryEvent[] = [];
  readonly #ask: Ask;

  constructor(forest: string, ask: Ask = asking) {
    this.forest = forest;
    this.#ask = ask;
  }

  get events(): readonly StoryEvent[] {
    return this.#events;
  }

  /** The newest revision that is known here. */
  get newest(): number {
    return this.#events.at(-1)?.revision ?? 0;
  }

  /** Reads what came since; with `isAll` all that is left, and compares what was told before. */
  async catchUp(address: string, isAll: boolean): Promise<void> {
    const oldest = Math.max(0, ...this.compactions.map(({ revision }) => revision));
    const told = await readStory(address, this.forest, isAll ? oldest : this.newest, this.#ask);
    this.#events.push(...told.filter(({ revision }) => revision > this.newest));
    for (const event of told) {
      const before = this.#events[event.revision - 1];
      if (before === undefined || eventText(before) !== eventText(event))
        this.bugs.push(`revision ${event.revision} of ${this.forest} is told otherwise than before`);
    }
  }

  /** Compacts all but the newest so many revisions. Everything before is kept here. */
  async compact(address: string, kept: number): Promise<void> {
    await this.catchUp(address, false);
    const revision = this.newest - kept;
    if (revision < 1) return;
    const compaction: Compaction = { revision, callNs: nowNs(), returnNs: Infinity };
    this.compactions.push(compaction);
    const requestId = `compact ${compaction.callNs}`;
    const answer = await this.#ask(address, (clients) =>
      clients.forests.compact({ forest: this.forest, revision: BigInt(revision), requestId }, limits),
    );
    compaction.returnNs = nowNs();
    const expected = Math.max(...this.compactions.map((each) => each.revision));
    if (Number(answer.compactedRevision) !== expected)
      this.bugs.push(
        `compacting ${this.forest} to ${revision} left history from ${answer.compactedRevision}`,
      );
  }
}

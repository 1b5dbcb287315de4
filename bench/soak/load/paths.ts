/** The tree that the load works on: bounded, so that state stays level however long it goes on. */
import type { Random } from '../../../src/base/random.ts';

const sessions = 40;
const agents = 10;
const notes = 25;
/** Subtrees that locks and ghosts are on: few, so that some wait and some conflict. */
const contended = 24;

export function randomSession(random: Random): string {
  return `/session_${random.below(sessions)}`;
}

export function randomNote(random: Random): string {
  return `${randomSession(random)}/agent_${random.below(agents)}/notes/${random.below(notes)}`;
}

export function randomPlan(random: Random): string {
  return `/plans/${random.below(contended)}`;
}

export function randomDraft(random: Random): string {
  return `/drafts/${random.below(contended)}`;
}

/** What never is touched but by increments: what stands there in the end must be what was acknowledged. */
export function totalPath(author: string): string {
  return `/totals/${author}`;
}

const sentence = 'Found three sources that agree; the second one cites the first. ';

/** A text of 40 to 360 bytes. */
export function randomText(random: Random): string {
  return `${random.below(1_000_000)} ${sentence.repeat(6)}`.slice(0, 40 + random.below(320));
}

/** True `percent` times in a hundred. */
export function happens(random: Random, percent: number): boolean {
  return random.below(100) < percent;
}

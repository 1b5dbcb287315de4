/** What a check looks at. */
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import type { ForestHistory, HashRecord } from '../history.ts';
import type { ModelState, NodeFacts } from '../model.ts';

/** What the broker says of one forest at the end. */
export interface Story {
  /** Events of the trunk, from the first revision on. */
  readonly events: readonly Event[];
  /** The same as somebody read them before, who may have seen other things. */
  readonly earlier: readonly Event[];
  /** Events of everything, from the oldest position that is left on: its digests by position. */
  readonly everything: ReadonlyMap<number, readonly string[]>;
  readonly oldestPosition: number;
  /** Its state now. */
  readonly final: ReadonlyMap<string, NodeFacts>;
  /** State hashes from before the last restarts, after them, and on another machine. */
  readonly hashes: readonly HashRecord[];
  /** The broker was started more than once while clients worked: a crash may have taken what happened in ghosts. */
  readonly hasRestarted: boolean;
  /** What still lives long after its last owner has gone, in words. */
  readonly leftovers: readonly string[];
}

export interface Scene {
  readonly forest: ForestHistory;
  readonly story: Story;
  /** The states after each revision, by the story. */
  readonly states: readonly ModelState[];
  /** Counts one look, and notes what is wrong where it does not hold. */
  readonly expect: (holds: boolean, what: () => string) => void;
}

export type Check = (scene: Scene) => void;

/** Expects two states to be the same: texts, or all that is known of each node. */
export function expectSame<T extends string | NodeFacts>(
  { expect }: Pick<Scene, 'expect'>,
  what: string,
  seen: ReadonlyMap<string, T | null>,
  is: ReadonlyMap<string, T>,
): void {
  let difference = '';
  for (const path of new Set([...seen.keys(), ...is.keys()])) {
    const [shown, real] = [inWords(seen.get(path)), inWords(is.get(path))];
    if (shown !== real) difference ||= `${what}: ${path} is ${shown}, and by history ${real}`;
  }
  expect(difference === '', () => difference);
}

export function inWords(facts: string | NodeFacts | null | undefined): string {
  if (facts === null || facts === undefined) return 'absent';
  if (typeof facts === 'string') return facts;
  const { text, created, modified, version, author } = facts;
  return `${text} (created ${created}, modified ${modified}, version ${version}, by ${author})`;
}

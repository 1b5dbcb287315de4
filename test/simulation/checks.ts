/**
 * The guarantees, each checked by name against what clients saw. The story that they are checked against is what the broker
 * itself tells at the end, after a last restart: its history and its state. Where story and clients disagree, the broker lied
 * to one of them.
 */
import { checkAtomic } from './checks/atomic.ts';
import { checkBounded } from './checks/bounded.ts';
import { checkDeterministic } from './checks/deterministic.ts';
import { checkDurable } from './checks/durable.ts';
import { checkExactlyOnce } from './checks/exactly-once.ts';
import { checkFenced } from './checks/fenced.ts';
import { checkIsolated } from './checks/isolated.ts';
import { checkProvenance } from './checks/provenance.ts';
import { checkReadsStand } from './checks/reads-stand.ts';
import type { Check, Story } from './checks/scene.ts';
import { checkSerializable } from './checks/serializable.ts';
import { checkSubscriptions } from './checks/subscriptions.ts';
import { checkTyped } from './checks/typed.ts';
import type { Guarantee } from './guarantees.ts';
import type { ForestHistory, History } from './history.ts';
import { statesOf } from './model.ts';
import type { ModelState } from './model.ts';

const checks: readonly (readonly [Guarantee, Check])[] = [
  ['atomic', checkAtomic],
  ['strictly serializable', checkSerializable],
  ['strictly serializable', checkReadsStand],
  ['durable', checkDurable],
  ['exactly once', checkExactlyOnce],
  ['isolated', checkIsolated],
  ['fenced', checkFenced],
  ['subscriptions', checkSubscriptions],
  ['deterministic', checkDeterministic],
  ['bounded', checkBounded],
  ['typed', checkTyped],
  ['provenance', checkProvenance],
];

/** Checks what is known of one forest. What does not hold is noted in `history`. */
export function check(history: History, forest: ForestHistory, story: Story): void {
  let states: readonly ModelState[];
  try {
    states = statesOf(story.events, leaseOf(forest));
  } catch (error) {
    history.expect('durable', false, () => `the history cannot be followed: ${String(error)}`);
    return;
  }
  for (const [guarantee, find] of checks) {
    const expect = (holds: boolean, what: () => string): void =>
      history.expect(guarantee, holds, () =>
        forest.name === 'default' ? what() : `${forest.name}: ${what()}`,
      );
    find({ forest, story, states, expect });
  }
}

/** To which lease an operation of a request was to bind its node. */
function leaseOf({ writes }: ForestHistory): (requestId: string, index: number) => string {
  const byRequest = new Map(writes.map(({ requestId, operations }) => [requestId, operations]));
  return (requestId, index) => byRequest.get(requestId)?.[index]?.leaseId ?? '';
}

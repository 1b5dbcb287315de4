/** What the histories of a run come to: every promise, looked at in each forest. */
import type { Evidence } from './checks/evidence.ts';
import { violationsOf } from './checks/index.ts';
import type { Violation } from './checks/index.ts';
import type { Call } from './history.ts';
import { callsByNode, checkLinearizable } from './linearizable.ts';
import type { NodeCall, Verdict } from './linearizable.ts';
import { forests } from './record.ts';
import { Timeline } from './story.ts';

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Calls by type and outcome, such as `publish ok`. */
  readonly calls: ReadonlyMap<string, number>;
  readonly verdict: Verdict;
  readonly revisions: number;
  /** What subscriptions were told. */
  readonly items: number;
  /** Subscriptions that were ended because what they had not seen was compacted. */
  readonly pastRetention: number;
}

/** Of a run that could not end. */
export const nothingJudged: Judgement = {
  violations: [],
  calls: new Map(),
  verdict: { keys: 0, calls: 0, open: 0, hinted: 0, illegal: [], undecided: [], failures: [] },
  revisions: 0,
  items: 0,
  pastRetention: 0,
};

/** `pages`: where pages about what is wrong go. */
export async function judge(
  found: readonly ForestEvidence[],
  checker: string,
  pages: string,
): Promise<Judgement> {
  const verdict = await checkLinearizable(checker, callsByNodes(found), pages);
  const subscriptions = found.flatMap(({ history }) => history.subscriptions);
  const told = found.flatMap(({ history }) => history.bugs);
  return {
    violations: [
      ...told.map((what) => ({ guarantee: 'no bug', what })),
      ...nodesViolating(verdict),
      ...found.flatMap(violationsIn),
    ],
    verdict,
    calls: countCalls(found.flatMap(({ history }) => history.calls)),
    revisions: found.reduce((total, { events }) => total + events.length, 0),
    items: subscriptions.reduce((total, { items }) => total + items.length, 0),
    pastRetention: subscriptions.filter(({ oldest }) => oldest !== undefined).length,
  };
}

/** What there is to be judged of one forest. */
export type ForestEvidence = Omit<Evidence, 'timeline'> & { readonly forest: string };

function* callsByNodes(found: readonly ForestEvidence[]): Generator<NodeCall> {
  for (const { forest, history, events } of found) yield* callsByNode(forest, history, events);
}

function nodesViolating({ illegal, undecided }: Verdict): Violation[] {
  return [
    ...illegal.map((key) => `the history of ${key} is not linearizable`),
    ...undecided.map((key) => `nobody knows whether the history of ${key} is linearizable`),
  ].map((what) => ({ guarantee: 'linearizable', what }));
}

function violationsIn({ forest, ...evidence }: ForestEvidence): Violation[] {
  let timeline: Timeline;
  try {
    timeline = new Timeline(evidence.events);
  } catch (error) {
    return [{ guarantee: 'durable', what: `forest ${forest}: ${String(error)}` }];
  }
  return violationsOf({ ...evidence, timeline }).map(({ guarantee, what }) => ({
    guarantee,
    what: forest === forests[0] ? what : `forest ${forest}: ${what}`,
  }));
}

function countCalls(calls: readonly Call[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { wants, outcome } of calls) {
    const name = `${wants.type} ${outcome}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

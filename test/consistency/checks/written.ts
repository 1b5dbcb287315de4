/** Histories written by hand: for tests that put something wrong into them. Times are in milliseconds. */
import type { Absence } from '../broker.ts';
import type { Compaction } from '../chronicle.ts';
import { History } from '../history.ts';
import type { Answer, Line, Shown, Step, Told, Wants } from '../record.ts';
import { Timeline } from '../story.ts';
import type { StoryEvent } from '../story.ts';
import { violationsOf } from './index.ts';

/** A call and its answer. */
export function call(
  id: string,
  [callMs, returnMs]: readonly [number, number],
  wants: Wants,
  answer: Partial<Answer> = {},
): Line[] {
  const told: Answer = { outcome: 'ok', reason: '', revision: 0, ...answer };
  return [
    { kind: 'call', id, client: id.slice(0, id.indexOf('.')), ns: callMs * 1e6, wants },
    { kind: 'answer', id, ns: returnMs * 1e6, ...told },
  ];
}

/** A publish whose request id is the call's. */
export function publish(
  id: string,
  times: readonly [number, number],
  steps: readonly Step[],
  revision: number,
  more: Partial<Extract<Wants, { type: 'publish' }>> = {},
): Line[] {
  return call(id, times, { type: 'publish', requestId: id, steps, ...more }, { revision });
}

export function put(path: string, text: string): Step {
  return { action: 'put', path, text };
}

/** What the broker's history says of a publish or a commit. */
export function event(revision: number, name: string, steps: readonly Step[]): StoryEvent {
  const changes = steps.map(({ path, action, text }): Told => [path, action, text]);
  return { revision, requestId: name, label: name, changes };
}

export interface Written {
  readonly lines: readonly Line[];
  readonly events: readonly StoryEvent[];
  readonly absences?: readonly Absence[];
  readonly killedMs?: Readonly<Record<string, number>>;
  readonly hashes?: readonly string[];
  readonly compactions?: readonly Compaction[];
  /** Several brokers have it. Default: one. */
  readonly isShared?: boolean;
  /** In place of the lines. */
  readonly history?: History;
}

/** The names of the guarantees that the history breaks. */
export function broken({
  lines,
  events,
  absences = [],
  killedMs = {},
  hashes = ['a', 'a'],
  compactions = [],
  isShared = false,
  history = new History(lines),
}: Written): string[] {
  const violations = violationsOf({
    history,
    events,
    timeline: new Timeline(events),
    absences,
    compactions,
    isShared,
    killedNs: new Map(Object.entries(killedMs).map(([name, ms]) => [name, ms * 1e6])),
    hashes: hashes.map((hash) => ({ position: 1, hash })),
  });
  return [...new Set(violations.map(({ guarantee }) => guarantee))].sort();
}

/** Three diffs. */
export const [first, second, third] = [
  [put('/pair/1/a', 'x'), put('/pair/1/b', 'x')],
  [put('/pair/1/a', 'y'), put('/pair/1/b', 'y')],
  [{ action: 'append', path: '/log/1', text: '[z]' } as const],
] as const;
export const events = [event(1, 'w.1', first), event(2, 'w.2', second), event(3, 'w.3', third)];
export const writes = [
  ...publish('w.1', [0, 1], first, 1),
  ...publish('w.2', [2, 3], second, 2),
  ...publish('w.3', [4, 5], third, 3),
];
/** Their history as it should be. */
export const story = { lines: writes, events };

/** A linearizable read. */
export function read(
  id: string,
  times: [number, number],
  revision: number,
  nodes: Record<string, Shown | null>,
): Line[] {
  const wants = { type: 'read', paths: Object.keys(nodes), view: 'linearizable', revision: 0 } as const;
  return call(id, times, wants, { revision, nodes });
}

/** A node that was changed at each revision up to this one. */
export const shown = (text: string, revision: number): Shown => ({ text, revision, version: revision });

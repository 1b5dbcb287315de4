/**
 * Goal: what gets past a gate, and a race with two winners, are found. Method: histories of ghosts written by hand, with one thing wrong each.
 */
import { describe, expect, test } from 'vitest';

import type { Line, Wants } from '../record.ts';
import type { StoryEvent } from '../story.ts';
import { broken, call, event, put } from './written.ts';
import type { Written } from './written.ts';

type Conditions = Omit<Extract<Wants, { type: 'begin' }>, 'type'>;

/** A ghost of `client` that stages some nodes of its own and asks for its commit at 10 ms. */
function ghost(
  client: string,
  conditions: Conditions,
  nodes: number,
  outcome: 'ok' | 'refused' | 'unknown',
): Line[] {
  const steps = stepsOf(client, nodes);
  const wants = { type: 'commit', ghost: `${client}.1`, steps } as const;
  return [
    ...call(`${client}.1`, [0, 1], { type: 'begin', ...conditions }, { givenId: `ghost of ${client}` }),
    ...call(`${client}.2`, [2, 3], { type: 'stage', ghost: `${client}.1`, steps }),
    ...call(`${client}.3`, [10, 20], wants, { outcome, revision: outcome === 'ok' ? 1 : 0 }),
  ];
}

function stepsOf(client: string, nodes: number) {
  return Array.from({ length: nodes }, (_, index) => put(`/alone/${client}-${index}`, `${client}${index}`));
}

function committed(revision: number, client: string, nodes = 1): StoryEvent {
  return event(revision, `${client}.3`, stepsOf(client, nodes));
}

function decides(ms: number, approves: boolean, outcome: 'ok' | 'refused' | 'unknown' = 'ok'): Line[] {
  return call(`r.${ms}`, [ms, ms + 1], { type: 'review', ghost: 'ghost of g', approves }, { outcome });
}

describe('races', () => {
  const race = { race: 'race 1' };
  test('have one winner, or none', () => {
    const lines = [...ghost('g', race, 1, 'ok'), ...ghost('h', race, 1, 'refused')];
    expect(broken({ lines, events: [committed(1, 'g')] })).toEqual([]);
    expect(broken({ lines: ghost('h', race, 1, 'refused'), events: [] })).toEqual([]);
  });
  test('of one name and ghosts without one do not matter to each other', () => {
    const lines = [...ghost('g', race, 1, 'ok'), ...ghost('h', {}, 1, 'unknown')];
    expect(broken({ lines, events: [committed(1, 'g'), committed(2, 'h')] })).toEqual([]);
  });
  test('never have two, whatever they were told', () => {
    const lines = [...ghost('g', race, 1, 'ok'), ...ghost('h', race, 1, 'unknown')];
    expect(broken({ lines, events: [committed(1, 'g'), committed(2, 'h')] })).toEqual([
      'races have one winner',
    ]);
  });
});

describe('gates', () => {
  const reviewed = { reviewer: 'editor' };
  const onTrunk = (lines: Line[], nodes = 1): Written => ({ lines, events: [committed(1, 'g', nodes)] });
  test.each<[string, Written]>([
    ['as many operations as are allowed', onTrunk(ghost('g', { operationsMax: 2 }, 2, 'ok'), 2)],
    ['what was approved', onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(15, true)])],
    [
      'what was approved without an answer',
      onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(15, true, 'unknown')]),
    ],
    [
      'what was approved after its owner gave up',
      onTrunk([...ghost('g', reviewed, 1, 'unknown'), ...decides(30, true)]),
    ],
    [
      'what was rejected and approved after a crash',
      {
        ...onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(12, false), ...decides(17, true)]),
        absences: [{ kind: 'restarted', startNs: 14e6, endNs: 15e6 }],
      },
    ],
  ])('let through %s', (_, written) => {
    expect(broken(written)).toEqual([]);
  });
  test('keep back what was rejected', () => {
    expect(
      broken({ lines: [...ghost('g', reviewed, 1, 'refused'), ...decides(12, false)], events: [] }),
    ).toEqual([]);
  });
  test.each<[string, Written]>([
    ['more operations than are allowed', onTrunk(ghost('g', { operationsMax: 1 }, 2, 'ok'), 2)],
    ['what nobody approved', onTrunk(ghost('g', reviewed, 1, 'ok'))],
    ['what was approved only afterwards', onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(30, true)])],
    [
      'an approval that was refused',
      onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(15, true, 'refused')]),
    ],
    [
      'what was rejected',
      onTrunk([...ghost('g', reviewed, 1, 'ok'), ...decides(12, false), ...decides(17, true)]),
    ],
  ])('that let through %s are found', (_, written) => {
    expect(broken(written)).toEqual(['gates hold']);
  });
});

/** Goal: each precondition holds exactly when it should, on the trunk and inside ghosts. Method: a table of conditions and states. */
import { describe, expect, test } from 'vitest';
import { copy, path, publish, put, remove } from '../../test/support/forests.ts';
import { Machine } from '../../test/support/machine.ts';
import type { Operation, Precondition } from './command.ts';

const at = path('/a/b');
const present: Precondition = { kind: 'presence', path: at, present: true };
const absent: Precondition = { kind: 'presence', path: at, present: false };
const modified = (revision: number): Precondition => ({ kind: 'modified_revision', path: at, revision });
const version = (number: number): Precondition => ({ kind: 'version', path: at, version: number });
const unchanged = (revision: number): Precondition => ({
  kind: 'subtree_unchanged_since',
  path: at,
  revision,
});

/** The conditions that hold after the diffs, one revision each. */
function holding(
  diffs: readonly Operation[],
  conditions: Readonly<Record<string, Precondition>>,
  ghostId = '',
): string[] {
  const machine = new Machine();
  if (ghostId !== '') machine.publish([put('/elsewhere', 'x')]);
  if (ghostId !== '') machine.begin(ghostId);
  for (const operation of diffs) machine.publish([operation], ghostId);
  return Object.keys(conditions).filter((name) => {
    const condition = conditions[name];
    const told = machine.told(
      publish([put('/z', '')], { ghostId, preconditions: condition === undefined ? [] : [condition] }),
    );
    expect(['published', 'PRECONDITION_FAILED']).toContain(told);
    return told === 'published';
  });
}

const conditions = {
  present,
  absent,
  'modified 0': modified(0),
  'modified 1': modified(1),
  'modified 2': modified(2),
  'version 0': version(0),
  'version 1': version(1),
  'version 2': version(2),
};

describe('on the trunk', () => {
  test.each<[string, Operation[], string[]]>([
    ['nothing is there', [], ['absent', 'modified 0', 'version 0']],
    ['a value is there', [put('/a/b', '1')], ['present', 'modified 1', 'version 1']],
    ['a value was changed', [put('/a/b', '1'), put('/a/b', '2')], ['present', 'modified 2', 'version 2']],
    ['only children are there', [put('/a/b/c', '1')], ['present', 'modified 0', 'version 0']],
    ['a value was removed', [put('/a/b', '1'), remove('/a')], ['absent', 'modified 0', 'version 0']],
    [
      'a value came with a copy',
      [put('/s/b', '1'), copy('/s', '/a')],
      ['present', 'modified 2', 'version 1'],
    ],
    [
      'a value was removed and put again',
      [put('/a/b', '1'), remove('/a'), put('/a/b', '2')],
      ['present', 'version 1'],
    ],
  ])('where %s', (_name, diffs, expected) => {
    expect(holding(diffs, conditions)).toEqual(expected);
  });

  test.each<[string, Operation[], string[]]>([
    ['it was written', [put('/a/b', '1')], ['1', '2', '3']],
    ['something below was', [put('/a/b', '1'), put('/a/b/c', '2')], ['2', '3']],
    ['something below was removed', [put('/a/b/c', '1'), put('/a/b', '2'), remove('/a/b/c')], ['3']],
    ['a neighbour was written', [put('/a/b', '1'), put('/a/bc', '2')], ['1', '2', '3']],
    ['it was replaced by a copy', [put('/a/b', '1'), put('/s', 's'), copy('/s', '/a/b')], ['3']],
  ])('a subtree is unchanged since what came after the last change, where %s', (_name, diffs, expected) => {
    // As many revisions as are asked for; nothing else changes there.
    const more = Array.from({ length: 3 - diffs.length }, () => put('/elsewhere', 'x'));
    expect(holding([...diffs, ...more], { 1: unchanged(1), 2: unchanged(2), 3: unchanged(3) })).toEqual(
      expected,
    );
  });
});

describe('in a ghost', () => {
  test('what it wrote itself is present, has its version, and no revision of the trunk', () => {
    expect(holding([put('/a/b', '1'), put('/a/b', '2')], conditions, 'g')).toEqual(['present', 'version 2']);
  });

  test('what it wrote itself counts as changed since any revision', () => {
    expect(holding([put('/a/b/c', '1')], { 1: unchanged(1), 9: unchanged(9) }, 'g')).toEqual([]);
  });
});

test('the first condition that fails is told, with its path and what is there; the diff is not applied', () => {
  const machine = new Machine();
  machine.publish([put('/a/b', '1')]);
  const outcome = machine.apply(publish([put('/z', '')], { preconditions: [present, version(7), absent] }));
  expect(outcome).toMatchObject({
    reason: 'PRECONDITION_FAILED',
    metadata: { path: '/a/b', condition: 'version', actual: '1' },
  });
  expect(machine.at('/z')).toBeUndefined();
});

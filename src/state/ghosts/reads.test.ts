/**
 * Goal: a serializable commit is refused where what the ghost had read has changed, and nowhere else; commits in older records are
 * judged as they were. Method: what is there, what is read, what happens meanwhile, on the trunk and in a ghost around; and random
 * stories, each from the number that a failure names.
 */
import { describe, expect, test } from 'vitest';
import { copy, path, publish, put, remove } from '../../../test/support/forests.ts';
import { Machine } from '../../../test/support/machine.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { BasisEntry, Operation } from '../command.ts';
import { standingOf } from '../values/standing.ts';
import type { Root } from './ghost.ts';

type Read = Omit<BasisEntry, 'path'>;
const views = { readsInViews: true } as const;

/** What a ghost that is begun at revision 2 and has written `/mine/a` commits by both rules: `=` or `!`, the older one first. */
function onTrunk(at: string, read: Read, meanwhile: readonly Operation[]): string {
  const told = [{}, views].map((rule) => {
    const machine = new Machine();
    machine.publish([put('/read', 'r'), put('/dir/a', 'a'), put('/other', 'o'), put('/gone', 'g')]);
    machine.publish([remove('/gone')]);
    machine.begin('g');
    machine.publish([put('/mine/a', 'm')], 'g');
    machine.apply({ ...publish([put('/n', 'g')], { ghostId: 'g' }), basis: [{ path: path(at), ...read }] });
    if (meanwhile.length > 0) machine.publish(meanwhile);
    return machine.commit('g', 'serializable', rule).kind === 'committed' ? '=' : '!';
  });
  return told.join('');
}

const inGhost = { revision: 2, ghostId: 'g', sequence: 1 };
const elsewhere = [put('/elsewhere', 'x')];

describe.each([
  ['in the ghost', inGhost],
  ['on the trunk', { revision: 2 }],
])('read %s', (_where, view) => {
  test.each<[string, string, Read['extent'], readonly Operation[], string]>([
    ['a node', '/read', 'node', elsewhere, '=='],
    ['a node, changed below', '/read', 'node', [put('/read/below', 'x')], '=='],
    ['a node, changed', '/read', 'node', [put('/read', 'x')], '!!'],
    ['a node, removed', '/read', 'node', [remove('/read')], '!!'],
    ['a node, replaced', '/read', 'node', [copy('/other', '/read')], '!!'],
    ['a node without a value', '/dir', 'node', [], '!='],
    ['a node without a value, changed below', '/dir', 'node', [put('/dir/b', 'x')], '!='],
    ['a node without a value, given one', '/dir', 'node', [put('/dir', 'x')], '!!'],
    ['no node', '/none', 'node', elsewhere, '!='],
    ['no node, created', '/none', 'node', [put('/none', 'x')], '!!'],
    ['a subtree', '/dir', 'subtree', elsewhere, '=='],
    ['a subtree, changed', '/dir', 'subtree', [put('/dir/a', 'x')], '!!'],
    ['a subtree, removed', '/dir', 'subtree', [remove('/dir')], '!!'],
    ['an empty subtree', '/inbox', 'subtree', elsewhere, '!='],
    ['an empty subtree, filled', '/inbox', 'subtree', [put('/inbox/a', 'x')], '!!'],
    ['that there was nothing', '/none', 'absent', elsewhere, '=='],
    ['that there was nothing, created', '/none', 'absent', [put('/none', 'x')], '!!'],
  ])('%s', (_what, at, extent, meanwhile, expected) => {
    expect(onTrunk(at, { extent, ...view }, meanwhile)).toBe(expected);
  });
});

test.each<[string, string, Read, readonly Operation[], string]>([
  ['what only the ghost has written', '/mine', { extent: 'subtree', ...inGhost }, elsewhere, '!='],
  ['that, where others write too', '/mine', { extent: 'subtree', ...inGhost }, [put('/mine/b', 'x')], '!!'],
  [
    'what was changed before it was read',
    '/read',
    { extent: 'node', revision: 3 },
    [put('/read', 'x')],
    '==',
  ],
  ['what the ghost was begun behind', '/dir', { extent: 'subtree', revision: 0 }, [], '!!'],
  ['what was gone when the ghost was begun', '/gone', { extent: 'node', revision: 1 }, [], '!!'],
  ['what is gone, as it was gone', '/gone', { extent: 'node', revision: 2 }, elsewhere, '!='],
  ['what was there, and is gone', '/read', { extent: 'node', revision: 3 }, [remove('/read')], '!='],
])('read: %s', (_what, at, read, meanwhile, expected) => {
  expect(onTrunk(at, read, meanwhile)).toBe(expected);
});

test('that there is nothing where the ghost itself has removed what was there', () => {
  const machine = new Machine();
  machine.publish([put('/read', 'r')]);
  machine.begin('g');
  machine.publish([remove('/read')], 'g');
  const read = { path: path('/read'), extent: 'absent', revision: 1, ghostId: 'g', sequence: 1 } as const;
  machine.apply({ ...publish([put('/n', 'g')], { ghostId: 'g' }), basis: [read] });
  machine.publish(elsewhere);
  expect(machine.commit('g', 'serializable').kind).toBe('rejected');
  expect(machine.commit('g', 'serializable', views).kind).toBe('committed');
});

/** The same of a ghost `k` in a ghost `p`, which had staged `/px` and `/staged/a` before. */
function inParent(at: string, read: Read, meanwhile: readonly Operation[]): string {
  const told = [{}, views].map((rule) => {
    const machine = new Machine();
    machine.publish([put('/read', 'r'), put('/dir/a', 'a')]);
    machine.begin('p');
    machine.publish([put('/px', '1'), put('/staged/a', '1')], 'p');
    machine.begin('k', { parentId: 'p' });
    const basis = [{ path: path(at), ...read }];
    machine.apply({ ...publish([put('/py', 'from 1')], { ghostId: 'k' }), basis });
    if (meanwhile.length > 0) machine.publish(meanwhile, 'p');
    return machine.commit('k', 'serializable', rule).kind === 'committed' ? '=' : '!';
  });
  return told.join('');
}

describe.each([
  ['the ghost', { revision: 1, ghostId: 'k', sequence: 1 }],
  ['its parent', { revision: 1, ghostId: 'p', sequence: 1 }],
])('in a ghost in a ghost, read in %s', (_where, view) => {
  test.each<[string, string, Read['extent'], readonly Operation[], string]>([
    ['what the parent had staged', '/px', 'node', elsewhere, '=='],
    ['what the parent has staged anew', '/px', 'node', [put('/px', '2')], '=!'],
    ['what the parent has removed', '/px', 'node', [remove('/px')], '!!'],
    ['a subtree', '/staged', 'subtree', elsewhere, '=='],
    ['a subtree that has grown', '/staged', 'subtree', [put('/staged/b', '2')], '=!'],
    ['what the trunk had', '/read', 'node', elsewhere, '=='],
    ['what the trunk had, changed', '/read', 'node', [put('/read', '2')], '=!'],
    ['a subtree of the trunk, changed', '/dir', 'subtree', [put('/dir/b', '2')], '=!'],
    ['an empty subtree', '/inbox', 'subtree', elsewhere, '!='],
    ['an empty subtree, filled', '/inbox', 'subtree', [put('/inbox/a', '2')], '=!'],
    ['that there was nothing', '/none', 'absent', elsewhere, '=='],
    ['that there was nothing, created', '/none', 'absent', [put('/none', '2')], '!!'],
  ])('%s', (_what, at, extent, meanwhile, expected) => {
    expect(inParent(at, { extent, ...view }, meanwhile)).toBe(expected);
  });
});

test.each<[string, string, Read, readonly Operation[], string]>([
  ['what the parent has', '/px', { extent: 'absent', revision: 1 }, [], '!='],
  [
    'the trunk, and the parent has written since',
    '/read',
    { extent: 'node', revision: 1 },
    [put('/read', '2')],
    '=!',
  ],
  ['the trunk, before the parent was begun', '/read', { extent: 'node', revision: 0 }, [], '!!'],
  ['nothing on the trunk', '/none', { extent: 'subtree', revision: 1 }, elsewhere, '!='],
  ['the parent, before its newest diff', '/px', { extent: 'node', revision: 1, ghostId: 'p' }, [], '=!'],
  [
    'the parent, behind its newest diff',
    '/px',
    { extent: 'node', revision: 1, ghostId: 'p', sequence: 2 },
    [put('/px', '2')],
    '==',
  ],
])('in a ghost in a ghost, read outside: %s', (_what, at, read, meanwhile, expected) => {
  expect(inParent(at, read, meanwhile)).toBe(expected);
});

test('what a ghost in it has read counts where the outer one is committed', () => {
  for (const [meanwhile, expected] of [
    [elsewhere, 'committed'],
    [[put('/inbox/a', 'x')], 'rejected'],
    [[put('/read', 'x')], 'rejected'],
  ] as const) {
    const machine = new Machine();
    machine.publish([put('/read', 'r')]);
    machine.begin('p');
    machine.publish([put('/px', '1')], 'p');
    machine.begin('k', { parentId: 'p' });
    const read = { revision: 1, ghostId: 'k', sequence: 1 };
    const basis = [
      { path: path('/inbox'), extent: 'subtree', ...read },
      { path: path('/read'), extent: 'node', ...read },
    ] as const;
    machine.apply({ ...publish([put('/py', 'k')], { ghostId: 'k' }), basis });
    expect(machine.commit('k', 'serializable', views).kind).toBe('committed');
    machine.publish(meanwhile);
    expect(machine.commit('p', 'serializable', views).kind).toBe(expected);
  }
});

/** A story about a few paths that ends with a ghost's commit. Whether it passed, and whether what it had read reads the same there. */
class RandomStory {
  readonly #random: Random;
  readonly #machine = new Machine();
  readonly #isNested: boolean;
  /** What could be read of what the ghost goes into: views, newest last. */
  readonly #line: { readonly root: Root; readonly view: Omit<Read, 'extent'> }[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#isNested = this.#chance();
  }

  tell(): { readonly passed: boolean; readonly isSame: boolean } {
    const machine = this.#machine;
    machine.publish([put('/a', '0')]);
    this.#write();
    if (this.#isNested) {
      this.#line.length = 0;
      machine.begin('p');
      this.#write();
    }
    machine.begin('g', this.#isNested ? { parentId: 'p' } : {});
    const base = machine.state.ghosts.get('g')?.base ?? machine.state.root;
    this.#write();
    const own = {
      root: base,
      view: { revision: machine.state.ghosts.get('g')?.baseRevision ?? 0, ghostId: 'g' },
    };
    const { root, view } = this.#chance() ? own : this.#pick(this.#line);
    const [at, wanted] = [this.#pick(places), this.#pick(['node', 'subtree', 'absent'] as const)];
    const extent = wanted === 'absent' && standingOf(root, path(at)).present ? 'node' : wanted;
    const basis = [{ path: path(at), extent, ...view }];
    machine.apply({ ...publish([put('/mine', 'g')], { ghostId: 'g' }), basis });
    this.#write();
    const target = machine.state.ghosts.get('p')?.root ?? machine.state.root;
    const isSame = shown(root, at, extent) === shown(target, at, extent);
    return { passed: machine.commit('g', 'serializable', views).kind === 'committed', isSame };
  }

  /** Up to three times into what the ghost goes into. */
  #write(): void {
    const ghostId = this.#isNested && this.#machine.state.ghosts.has('p') ? 'p' : '';
    for (let count = 1 + this.#random.below(3); count > 0; count -= 1) {
      this.#machine.publish([this.#operation()], ghostId);
      const { root, revision } = this.#machine.state;
      const parent = this.#machine.state.ghosts.get('p');
      if (parent === undefined) this.#line.push({ root, view: { revision } });
      else this.#line.push({ root: parent.root, view: { revision, ghostId, sequence: parent.sequence } });
    }
  }

  #operation(): Operation {
    const at = this.#pick(places);
    const kind = this.#random.below(4);
    if (kind === 0) return remove(at);
    return kind === 1 ? copy(this.#pick(places), at) : put(at, `${this.#random.below(1e6)}`);
  }

  #chance(): boolean {
    return this.#random.below(2) === 0;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)] as T;
  }
}

const places = ['/a', '/a/x', '/a/y', '/b', '/b/x', '/c'];

function shown(root: Root, at: string, extent: Read['extent']): string {
  const inside = places.filter((each) => each === at || (extent !== 'node' && each.startsWith(`${at}/`)));
  return inside.map((each) => JSON.stringify(standingOf(root, path(each)).entry)).join();
}

test('what does not read the same any more is never missed, whatever was read where', () => {
  const told = Array.from({ length: 3_000 }, (_, seed) => ({ seed, ...new RandomStory(seed).tell() }));
  expect(told.filter(({ passed, isSame }) => passed && !isSame).map(({ seed }) => seed)).toEqual([]);
  expect(told.filter(({ passed }) => passed).length).toBeGreaterThan(1_000);
  expect(told.filter(({ passed }) => !passed).length).toBeGreaterThan(500);
});

/** Goal: who waits for whom can be seen at a glance. Method: lock tables as a broker lists them, drawn without colours. */
import { describe, expect, it } from 'vitest';

import type { InspectedLock } from '../../../clients/typescript/src/index.ts';
import { lockLines } from './lock-lines.ts';
import { styleFor } from './style.ts';

const time = new Date('2026-11-21T12:00:00Z');

/** A lock of `owner` on `/path`; it waits where it names locks. */
function lock(owner: string, path: string, waitsFor: readonly string[] = []): InspectedLock {
  const isWaiting = waitsFor.length > 0;
  return {
    id: `${owner}:${path}`,
    leaseId: owner,
    targets: [{ path: `/${path}`, mode: 'exclusive' }],
    state: isWaiting ? 'waiting' : 'held',
    fencingToken: isWaiting ? 0 : 7,
    author: owner,
    label: '',
    requestTime: time,
    grantTime: isWaiting ? undefined : time,
    delayMs: 0,
    position: 1,
    waitsFor,
    waitsForTotal: waitsFor.length,
  };
}

/** The drawing, with ids instead of whole lines. */
function drawn(...locks: readonly InspectedLock[]): readonly string[] {
  return lockLines(locks, styleFor(false)).map((line) => line.replace(/^([│├└─ ]*).* {2}(\S+:\S+)$/, '$1$2'));
}

describe('locks', () => {
  it('tell what is locked, by whom, since when, and under which token', () => {
    expect(lockLines([{ ...lock('ann', 'a'), label: 'to write' }], styleFor(false))).toEqual([
      '/a exclusive  ann  held since 2026-11-21 12:00:00Z  token 7  ann:a  to write',
    ]);
    expect(lockLines([lock('ben', 'a', ['x', 'y'])], styleFor(false))).toEqual([
      '/a exclusive  ben  waits for 2 locks since 2026-11-21 12:00:00Z  ben:a',
    ]);
    const targets = [
      { path: '/a', mode: 'shared_intent_exclusive' },
      { path: '/b\u001B[2J', mode: 'shared' },
    ] as const;
    expect(lockLines([{ ...lock('', 'a'), state: 'delayed', targets }], styleFor(false))).toEqual([
      '/a shared-intent-exclusive, /b\\u001b[2J shared  (no author)  kept quiet: its holder has vanished  token 7  :a',
    ]);
  });

  it('go on in a second line where the terminal is narrow, and stay a tree', () => {
    const locks = [{ ...lock('ann', 'a'), label: 'to write' }, lock('ben', 'a', ['ann:a']), lock('cem', 'c')];
    expect(lockLines(locks, styleFor(false), 60)).toEqual([
      '/a exclusive  ann  held since 2026-11-21 12:00:00Z  token 7',
      '│   ann:a  to write',
      '└── /a exclusive  ben  waits since 2026-11-21 12:00:00Z',
      '        ben:a',
      '/c exclusive  cem  held since 2026-11-21 12:00:00Z  token 7',
      '    cem:c',
    ]);
  });

  it('have those below them that wait for them, each once, in the order of the queue', () => {
    expect(
      drawn(
        lock('ann', 'a'),
        lock('ben', 'a', ['ann:a']),
        lock('cem', 'a', ['ben:a', 'ann:a']),
        lock('dan', 'b'),
        lock('eve', 'b', ['dan:b']),
      ),
    ).toEqual(['ann:a', '├── ben:a', '└── cem:a', 'dan:b', '└── eve:b']);
  });

  it('show through an owner who waits what others wait for from it', () => {
    // Ann waits for Ben; Cem and Dan wait for what Ann holds; nobody waits for the other thing that Ann holds.
    expect(
      drawn(
        lock('ann', 'a'),
        lock('ann', 'other'),
        lock('ben', 'b'),
        lock('ann', 'b', ['ben:b']),
        lock('cem', 'a', ['ann:a']),
        lock('dan', 'a', ['ann:a', 'cem:a']),
      ),
    ).toEqual(['ann:other', 'ben:b', '└── ann:b', '    └── ann:a', '        ├── cem:a', '        └── dan:a']);
  });

  it('are all drawn, once, even where a list that changed meanwhile shows a circle', () => {
    const lines = drawn(
      lock('ann', 'a'),
      lock('ben', 'b'),
      lock('ann', 'b', ['ben:b']),
      lock('ben', 'a', ['ann:a']),
      lock('cem', 'c', ['gone:c']),
    );
    expect(lines.map((line) => line.replace(/^[│├└─ ]*/, '')).toSorted()).toEqual([
      'ann:a',
      'ann:b',
      'ben:a',
      'ben:b',
      'cem:c',
    ]);
  });
});

/**
 * Goal: the state hash is equal for equal states, however they came to be, and differs with everything that matters. Method:
 * one state, changed in one respect at a time, and taken through a snapshot.
 */
import { describe, expect, test } from 'vitest';
import { append, publish, put } from '../../test/support/forests.ts';
import { common, Machine } from '../../test/support/machine.ts';
import { SnapshotDecoder } from '../codec/snapshot-decoder.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import type { ForestState } from './forest.ts';
import { forestHash, forestHashSteps } from './state-hash.ts';

function machine(): Machine {
  const made = new Machine();
  made.publish([put('/a/x', '1'), put('/a/y', '2'), append('/log', '1', 'items')]);
  made.publish([put('/b', '3')]);
  made.begin('g', { scope: '/a' });
  made.publish([put('/a/x', 'ghost')], 'g');
  made.apply({ kind: 'checkpoint_ghost', ghostId: 'g', name: 'c', ...common });
  return made;
}

function throughSnapshot(state: ForestState): ForestState {
  const decoder = new SnapshotDecoder();
  for (const chunk of encodeSnapshot(freezeForest(state))) decoder.push(chunk.slice());
  return decoder.finish();
}

describe('the hash', () => {
  const base = forestHash(machine().state);

  test('is 32 hexadecimal digits, and the same for the same commands', () => {
    expect(base).toMatch(/^[0-9a-f]{32}$/);
    expect(forestHash(machine().state)).toBe(base);
  });

  test.each<[string, (made: Machine) => unknown]>([
    ['a value', (made) => made.publish([put('/b', '4')])],
    ['a new node', (made) => made.publish([put('/c', '')])],
    ['the same value put again', (made) => made.publish([put('/b', '3')])],
    ['a removed node', (made) => made.publish([{ kind: 'delete', path: ['b'], scope: 'node' }])],
    ['an append', (made) => made.publish([append('/log', '1', 'items')])],
    ['the author', (made) => made.apply(publish([put('/b', '4')], { author: 'another' }))],
    ['a value in a ghost', (made) => made.publish([put('/a/x', 'other')], 'g')],
    ['a new ghost', (made) => made.begin('h')],
    ['a ghost that ended', (made) => made.revert('g')],
    ['a checkpoint', (made) => made.apply({ kind: 'checkpoint_ghost', ghostId: 'g', name: 'd', ...common })],
    ['a compaction', (made) => made.apply({ kind: 'compact', revision: 1, ...common })],
  ])('differs with %s', (_name, change) => {
    const changed = machine();
    change(changed);
    expect(forestHash(changed.state)).not.toBe(base);
  });

  test('tells an author and a kind of value apart, and a path from another that joins to the same letters', () => {
    const hashes = [
      put('/ab/c', '1'),
      put('/a/bc', '1'),
      put('/a/b/c', '1'),
      put('/ab/c', '1', 'json'),
      put('/ab/c', '1', 'bytes'),
    ].map((operation) => {
      const made = new Machine();
      made.publish([operation]);
      return forestHash(made.state);
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('does not differ with a refused command, nor with whether an array has its bracket', () => {
    const made = machine();
    made.publish([append('/a/x', '1', 'items')]);
    expect(forestHash(made.state)).toBe(base);
  });

  test('is the same after a snapshot', () => {
    const { state } = machine();
    const loaded = throughSnapshot(state);
    expect(forestHash(loaded)).toBe(base);
    const [one, other] = [new Machine(state), new Machine(loaded)];
    for (const each of [one, other]) {
      each.publish([put('/a/y', 'more')], 'g');
      expect(each.commit('g').kind).toBe('committed');
    }
    expect(forestHash(loaded)).toBe(forestHash(state));
  });

  test('is that of the state at the call, whatever happens between its steps', () => {
    const large = (): Machine => {
      const made = machine();
      for (let index = 0; index < 5_000; index += 1) made.publish([put(`/many/${index}`, String(index))]);
      return made;
    };
    // Hashes are kept in the tree, so that the same one would have nothing left to do.
    const expected = forestHash(large().state);
    const made = large();
    const steps = forestHashSteps(made.state);
    let pauses = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        expect(step.value).toBe(expected);
        break;
      }
      pauses += 1;
      made.publish([put('/many/0', `changed ${pauses}`)]);
      made.publish([put('/a/x', `changed ${pauses}`)], 'g');
    }
    expect(pauses).toBeGreaterThan(0);
  });
});

/** Goal: a permalink brings back what it was made of. Method: random views there and back; then addresses that nobody made. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRoute, home, panelTabs, parseRoute, type Side } from './route.ts';

const side: fc.Arbitrary<Side> = fc.oneof(
  fc.record({ kind: fc.constant('revision' as const), revision: fc.nat() }),
  fc.record({ kind: fc.constant('ghost' as const), ghostId: fc.string({ minLength: 1 }) }),
);
const route = fc.record({
  forest: fc.stringMatching(/^[a-z0-9_-]{1,10}$/),
  path: fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'grapheme' }).map((name) => `/${name}`),
  ),
  ghostId: fc.string(),
  position: fc.nat(),
  tab: fc.constantFrom(...panelTabs),
  compare: fc.option(fc.record({ left: side, right: side }), { nil: undefined }),
});

test('every view comes back from its address', () => {
  fc.assert(
    fc.property(route, (view) => {
      expect(parseRoute(formatRoute(view))).toEqual(view);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('the first view has no query, and paths stay readable', () => {
  expect(formatRoute(home)).toBe('');
  expect(formatRoute({ ...home, path: '/session_1/notes', position: 12 })).toBe(
    '?path=/session_1/notes&at=12',
  );
});

test('what makes no sense is left out', () => {
  expect(parseRoute('?path=relative&at=-4&tab=nope&left=x&right=3')).toEqual(home);
  expect(parseRoute('?at=99999999999999999999')).toEqual(home);
});

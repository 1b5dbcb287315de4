/** Goal: colours come where they are wanted. Method: the table of what may be said, by option, variable and terminal. */
import { expect, it } from 'vitest';

import { isColored, type ColorChoice } from './color.ts';

it.each<readonly [ColorChoice, Readonly<Record<string, string>>, boolean, boolean]>([
  ['auto', {}, true, true],
  ['auto', {}, false, false],
  ['auto', { NO_COLOR: '1' }, true, false],
  ['auto', { NO_COLOR: '' }, true, true],
  ['auto', { FORCE_COLOR: '1' }, false, true],
  ['auto', { FORCE_COLOR: '' }, false, true],
  ['auto', { FORCE_COLOR: '0' }, true, false],
  ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ['always', { NO_COLOR: '1' }, false, true],
  ['never', { FORCE_COLOR: '1' }, true, false],
])('with --color %s, %j and a terminal with colours (%s): %s', (choice, environment, isTerminal, isIt) => {
  expect(isColored(choice, environment, isTerminal)).toBe(isIt);
});

/** Goal: advice is given on refusals that there are, and names commands that there are. Method: the reasons of the proto, and the program itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { wholeProgram } from '../../scripts/cli-reference/page.ts';
import { root } from '../../scripts/step.ts';
import { adviceOn, advisedReasons } from './advice.ts';
import { flattened } from './reference/command-info.ts';

const proto = readFileSync(join(root, 'proto/hyperloom/v1/error_reason.proto'), 'utf8');
/** Lists are called by either word. */
const commands = flattened(wholeProgram())
  .filter(({ commands: below }) => below.length === 0)
  .flatMap(({ name }) => [name, name.replace(/ list$/, ' ls')]);

it.each(advisedReasons())('%s is a reason, and its advice can be followed', (reason) => {
  expect(proto).toContain(`ERROR_REASON_${reason} = `);
  for (const [, line = ''] of adviceOn(reason).matchAll(/"hyperloom ([^"]+)"/g))
    expect(commands.some((name) => `${line} `.startsWith(`${name} `))).toBe(true);
});

it('is given where there is some', () => {
  expect(adviceOn('INVALID_PATH')).toBe('');
});

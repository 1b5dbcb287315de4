/** Goal: no scenario of a program of others is lost on its way to the summary. Method: outputs as those programs print them. */
import { expect, it } from 'vitest';

import { scenarioResult } from './scenarios.ts';

it('counts what passed and names what failed', () => {
  const outputs = [{ output: 'passed one\nnoise\n' }, { output: 'failed two: why\nat somewhere\n' }];
  expect(scenarioResult(outputs, 2)).toEqual({ passed: 1, failed: 1, skipped: 0, note: 'two: why' });
});

it('takes a program that ended early for failed', () => {
  const early = scenarioResult([{ output: 'passed one\n' }], 3);
  expect(early).toEqual({ passed: 1, failed: 2, skipped: 0, note: '2 of 3 have not ended' });
});

/** Goal: what diffs and whole histories move is counted as the file says. Method: small runs, counted by hand. */
import { describe, expect, it } from 'vitest';

import { operation } from '../../../clients/typescript/src/index.ts';
import { operationsBytes } from '../../../clients/typescript/src/run-file/operation-bytes.ts';
import { RunMeter } from './meter.ts';

describe('the meter of a run', () => {
  it('lets each agent read only what it has not seen, and history pass whole at each hop', () => {
    const meter = new RunMeter();
    meter.hop('a', 10, []); // reads nothing
    meter.hop('b', 20, []); // reads 10
    meter.hop('a', 30, []); // reads 20
    meter.answer(5, []); // reads nothing
    meter.hop('b', 1, []); // reads 30 + 5
    expect(meter.tally).toMatchObject({ steps: 5, diffs: 5, movedBytes: 10 + 20 + 35 });
    expect(meter.tally.historyBytes).toBe(10 + 30 + 60 + 5 + 66);
  });

  it('counts published paths and contents in UTF-8 bytes', () => {
    const operations = [operation.put('/a', 'é'), operation.merge('/bc', { d: 1 })];
    expect(operationsBytes(operations)).toBe(2 + 2 + 3 + 7);
    const meter = new RunMeter();
    meter.diff(operations);
    expect(meter.tally).toMatchObject({ steps: 0, diffs: 1, operations: 2, movedBytes: 14, historyBytes: 0 });
  });
});

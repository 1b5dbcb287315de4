/** Goal: no failure is lost on the way from a runner to the closing line. Method: reports as the runners write them. */
import { describe, expect, it } from 'vitest';

import { closingLine, table } from '../summary.ts';
import {
  clientConformanceCounts,
  conformanceCounts,
  goCounts,
  h2specCounts,
  pytestCounts,
  vitestCounts,
  mcpConformanceCounts,
  quietCounts,
} from './counts.ts';

function vitestReport(
  files: readonly { readonly status: string; readonly tests: readonly string[] }[],
): string {
  const count = (wanted: string): number =>
    files.flatMap(({ tests }) => tests).filter((status) => status === wanted).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });
}

describe('vitest', () => {
  it('counts tests by how they ended', () => {
    const report = vitestReport([
      { status: 'passed', tests: ['passed', 'passed', 'pending'] },
      { status: 'failed', tests: ['passed', 'failed', 'todo'] },
    ]);
    expect(vitestCounts(report)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded, or whose preparation failed, as failed', () => {
    const report = vitestReport([
      { status: 'failed', tests: [] },
      { status: 'failed', tests: ['pending', 'pending'] },
      { status: 'passed', tests: ['passed'] },
    ]);
    expect(vitestCounts(report)).toEqual({ passed: 1, failed: 2, skipped: 2 });
  });
});

describe('pytest', () => {
  it.each([
    ['===== 12 passed in 3.45s =====', { passed: 12, failed: 0, skipped: 0 }],
    ['== 2 failed, 10 passed, 1 skipped, 3 warnings in 0.12s ==', { passed: 10, failed: 2, skipped: 1 }],
    ['= 1 passed, 2 errors in 61.00s (0:01:01) =', { passed: 1, failed: 2, skipped: 0 }],
    ['== 1 failed, 4 deselected, 1 xfailed, 1 xpassed in 0.50s ==', { passed: 1, failed: 2, skipped: 4 }],
    ['', { passed: 0, failed: 0, skipped: 0 }],
  ])('reads %s', (closing, counts) => {
    expect(pytestCounts(`tests/test_one.py ..\n1 failed in a log line\n${closing}\n`)).toEqual(counts);
  });
});

describe('h2spec', () => {
  it('reads its closing line, and takes a missing one for a failure', () => {
    const closing = 'Finished in 0.2 seconds\n146 tests, 143 passed, 1 skipped, 2 failed\n';
    expect(h2specCounts(closing)).toEqual({ passed: 143, skipped: 1, failed: 2 });
    expect(h2specCounts('Error: connection refused')).toEqual({ passed: 0, skipped: 0, failed: 1 });
  });
});

describe('the conformance suite', () => {
  it('reads its closing line, and takes a missing one for a failure', () => {
    expect(conformanceCounts('Total cases: 3640\n3639 passed, 1 failed\n')).toEqual({
      passed: 3_639,
      skipped: 0,
      failed: 1,
    });
    expect(conformanceCounts('no server')).toEqual({ passed: 0, skipped: 0, failed: 1 });
  });
});

describe('the summary', () => {
  const rows = [
    { name: 'lint', seconds: 1.25, result: { passed: 1, failed: 0, skipped: 0, note: '' } },
    { name: 'vitest', seconds: 60, result: { passed: 900, failed: 2, skipped: 3, note: 'an error' } },
  ];

  it('sums over all steps in one plain line', () => {
    expect(closingLine(rows.map(({ result }) => result))).toBe('901 passed, 2 failed, 3 skipped');
  });

  it('has a line for each step, with its counts, time and note', () => {
    const lines = table(rows).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^lint\s+1\s+0\s+0\s+1\.3$/);
    expect(lines[2]).toMatch(/^vitest\s+900\s+2\s+3\s+60\.0\s+an error$/);
  });
});

describe('the conformance suite of the clients', () => {
  it('counts scenarios of all clients, exceptions and absent clients as skipped', () => {
    const line = 'conformance: 209 scenarios, 2 clients: 400 passed, 3 failed, 14 excepted, 1 clients absent';
    expect(clientConformanceCounts(line)).toEqual({ passed: 400, failed: 3, skipped: 15 });
  });

  it('counts a run without a closing line as failed', () => {
    expect(clientConformanceCounts('')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('quiet subscriptions', () => {
  it('counts those that lived, and everything else that was said as failed', () => {
    const lived = 'nginx: lived, 21 bookmarks, quiet for 30.9 s at the most, then the event\n';
    expect(quietCounts(lived)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(quietCounts(`${lived}caddy: Error: the stream ended\n`)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });
});

describe('go test', () => {
  it('counts tests by how they ended, and tests within tests with theirs', () => {
    const output = `=== RUN   TestA
--- PASS: TestA (0.00s)
    --- PASS: TestA/inner (0.00s)
--- FAIL: TestB (0.02s)
--- SKIP: TestC (0.00s)
=== RUN   ExampleD
--- PASS: ExampleD (0.01s)
FAIL`;
    expect(goCounts(output)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });
});

describe("MCP's conformance suite", () => {
  const summary = [
    '✓ ping: 2 passed, 0 failed',
    '✗ tools-list: 3 passed, 1 failed',
    '✗ extra: 0 passed, 5 failed',
  ];
  const closing = [
    'Total: 5 passed, 6 failed',
    '',
    'Not scored for 2025-11-25: 1 scenario(s) run, 1 failing.',
  ];

  it('counts the checks of the scenarios that are scored', () => {
    const output = [...summary, '', ...closing, '  ✗ extra (extension)'].join('\n');
    expect(mcpConformanceCounts(output)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('reads the closing line of a single scenario', () => {
    const output = 'Test Results:\nPassed: 3/4, 1 failed, 0 warnings\n';
    expect(mcpConformanceCounts(output)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts a run that says nothing as failed', () => {
    expect(mcpConformanceCounts('')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

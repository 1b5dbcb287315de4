/** Reads how many tests passed from what the runners report. */
import type { Counts } from '../step.ts';

/** From the JSON that vitest's `json` reporter writes. A file that fails outside its tests counts as one more. */
export function vitestCounts(json: string): Counts {
  const report = JSON.parse(json) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numPendingTests: number;
    readonly numTodoTests: number;
    readonly testResults: readonly {
      readonly status: string;
      readonly assertionResults: readonly { readonly status: string }[];
    }[];
  };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** From pytest's closing line, such as `== 2 failed, 10 passed, 1 skipped in 0.12s ==`. */
export function pytestCounts(output: string): Counts {
  const closing = output
    .split('\n')
    .findLast((line) => /\b(passed|failed|errors?|skipped|no tests ran)\b.* in [\d.]+s/.test(line));
  const count = (word: string): number =>
    Number(new RegExp(String.raw`(\d+) ${word}`).exec(closing ?? '')?.[1] ?? 0);
  return {
    passed: count('passed') + count('xfailed'),
    failed: count('failed') + count('error') + count('xpassed'),
    skipped: count('skipped') + count('deselected'),
  };
}

/** From h2spec's closing line: `146 tests, 146 passed, 0 skipped, 0 failed`. */
export function h2specCounts(output: string): Counts {
  const closing = /(\d+) passed, (\d+) skipped, (\d+) failed/.exec(output);
  if (closing === null) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(closing[1]), skipped: Number(closing[2]), failed: Number(closing[3]) };
}

/** From the closing line of Connect's conformance suite: `3640 passed, 0 failed`. */
export function conformanceCounts(output: string): Counts {
  const closing = /^(\d+) passed, (\d+) failed$/m.exec(output);
  if (closing === null) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(closing[1]), failed: Number(closing[2]), skipped: 0 };
}

/** From the closing line of our own conformance suite; clients whose language is not here count as skipped. */
export function clientConformanceCounts(output: string): Counts {
  const closing = /: (\d+) passed, (\d+) failed, (\d+) excepted, (\d+) clients absent$/m.exec(output);
  if (closing === null) return { passed: 0, failed: 1, skipped: 0 };
  const [passed = 0, failed = 0, excepted = 0, absent = 0] = closing.slice(1).map(Number);
  return { passed, failed, skipped: excepted + absent };
}

/** From what `test/interop/quiet.ts` prints: a line for each way through a proxy. */
export function quietCounts(output: string): Counts {
  const lines = output.split('\n').filter((line) => line !== '');
  const passed = lines.filter((line) => line.includes(': lived, ')).length;
  return { passed, failed: lines.length - passed, skipped: 0 };
}

/** From what `go test -v` prints for its tests, those within tests left out. */
export function goCounts(output: string): Counts {
  const count = (word: string): number => output.match(new RegExp(`^--- ${word}: `, 'gm'))?.length ?? 0;
  return { passed: count('PASS'), failed: count('FAIL'), skipped: count('SKIP') };
}

/**
 * From what MCP's conformance suite prints: a line for each scenario of a whole revision, without those that it does not score, or the closing
 * lines of a single one.
 */
export function mcpConformanceCounts(output: string): Counts {
  const [, notScored = ''] = output.split(/^Not scored for .*$/m);
  const optional = new Set([...notScored.matchAll(/^\s*[✓✗] (\S+) \(/gm)].map(([, name]) => name));
  const lines = [...output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm)];
  const scored = lines.filter(([, name]) => !optional.has(name));
  if (scored.length > 0) {
    const sum = (group: number): number => scored.reduce((total, line) => total + Number(line[group]), 0);
    return { passed: sum(2), failed: sum(3), skipped: 0 };
  }
  const single = /^Passed: (\d+)\/\d+, (\d+) failed/m.exec(output);
  if (single === null) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(single[1]), failed: Number(single[2]), skipped: 0 };
}

/**
 * Goal: taking back the marked mistake of a recorded run with all that was made from it leaves what would be there had those steps never been
 * taken, byte for byte. Method: every recorded run is published into a forest, each step with what its agent had before it; where agents read
 * less than all, the answer is not simply "everything after", so each run is played twice: with the whole run as the basis of each step, and with
 * the step before it of another agent alone. What is derived is worked out by code that shares nothing with the broker. The recordings are no
 * part of the project: where they are missing, this suite says so, and fails in CI.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readWhoAndWhen, stepPath, type WhoAndWhenRun } from '../../src/cli/replay/who-and-when/recording.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry } from '../../src/state/command.ts';
import { jsonText } from '../../src/state/values/value.ts';
import { walk } from '../../src/trie/iterate.ts';
import { formatPath } from '../../src/trie/path.ts';
import { openForest, path, publish, put } from '../support/forests.ts';

const data =
  process.env['HYPERLOOM_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const folder = join(data, 'who-and-when');
const isMissing = !existsSync(folder);
const hint = `no recorded runs in ${data}: set HYPERLOOM_SHARED_DATA to the folder with who-and-when`;
if (isMissing) console.warn(`cascades in recorded runs are not tested: ${hint}`);

const runs = (isMissing ? [] : globSync(join(folder, '*', '*.json')).sort()).flatMap((file) => {
  const run = readWhoAndWhen(file, readFileSync(file, 'utf8'));
  return run?.mistake === undefined ? [] : [run];
});

it('finds the recorded runs', ({ skip }) => {
  if (process.env['CI'] !== 'true') skip(isMissing, hint);
  expect(isMissing, hint).toBe(false);
  expect(runs.length).toBeGreaterThan(100);
});

/** Which earlier steps each step had read. */
type Reads = (run: WhoAndWhenRun, step: number) => readonly number[];

const readsAll: Reads = (_, step) => Array.from({ length: step }, (__, index) => index);

/** The newest step of somebody else and, where that is an even one, one's own newest. */
const readsLittle: Reads = ({ steps }, step) => {
  const agent = steps[step]?.agent;
  const before = steps.slice(0, step);
  const found = [
    before.findLastIndex((other) => other.agent !== agent),
    before.findLastIndex((other) => other.agent === agent),
  ];
  return found.filter((index, at) => index >= 0 && (at === 0 || index % 2 === 0));
};

describe.each([
  { name: 'who reads all', reads: readsAll },
  { name: 'who reads little', reads: readsLittle },
])('steps of agents $name', ({ reads }) => {
  it.skipIf(isMissing)('are as if the mistake and what was made from it had never been', async () => {
    let kept = 0;
    for (const run of runs) {
      const derived = derivedSteps(run, reads);
      const forest = await openForest();
      const revisions = await play(forest, run, reads);
      const before = valuesOf(forest);
      const wrong = run.mistake?.step ?? 0;
      const revert = { revision: revisions[wrong] ?? 0, reason: 'a mistake', author: 'judge', request: null };
      const { report } = await forest.reverts.cascade(revert, null);
      const undone = [...derived].sort((a, b) => a - b).map((step) => revisions[step]);
      expect(
        report?.undone.map(({ revision }) => revision),
        run.file,
      ).toEqual(undone);
      expect(report?.notUndone, run.file).toEqual([]);
      const expected = new Map(before);
      for (const step of derived) expected.delete(`${run.tree}/${stepPath(step)}`);
      expect(valuesOf(forest), run.file).toEqual(expected);
      kept += run.steps.length - derived.size;
      await forest.close();
    }
    expect(kept).toBeGreaterThan(runs.length);
  });
});

async function play(forest: LiveForest, run: WhoAndWhenRun, reads: Reads): Promise<number[]> {
  const revisions: number[] = [];
  for (const [step, { agent, text }] of run.steps.entries()) {
    const { revision } = forest.view();
    const basis = reads(run, step).map((index): BasisEntry => {
      return { path: path(`${run.tree}/${stepPath(index)}`), revision, extent: 'node' };
    });
    const operations = [put(`${run.tree}/${stepPath(step)}`, text, 'json')];
    const { outcome } = await forest.propose({ ...publish(operations, { author: agent }), basis });
    if (outcome.kind !== 'published') throw new Error(outcome.kind);
    revisions.push(outcome.revision);
  }
  return revisions;
}

/** The mistake, and all steps whose agents had read it or one of these. */
function derivedSteps(run: WhoAndWhenRun, reads: Reads): Set<number> {
  const derived = new Set([run.mistake?.step ?? 0]);
  for (const step of run.steps.keys())
    if (reads(run, step).some((index) => derived.has(index))) derived.add(step);
  return derived;
}

function valuesOf(forest: LiveForest): Map<string, string> {
  const values = new Map<string, string>();
  for (const { path: at, node } of walk(forest.view().root, { within: [] }))
    if (node.entry !== null) values.set(formatPath(at), jsonText(node.entry));
  return values;
}

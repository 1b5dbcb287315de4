/**
 * Recorded runs of real agents (Who&When): each step is a turn of the agent that made it, which is given its context and then writes the
 * step. Nobody recorded what an agent would have needed, so the arms differ in what it does not see, and the table says how much that is:
 *
 * - who reads a subtree reads what the run is about and the newest two steps;
 * - who subscribes is sent everything, once;
 * - who is rendered a context is shown what the run is about and as many steps as 4,000 tokens take.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readWhoAndWhen, stepPath } from '../../src/cli/replay/who-and-when/recording.ts';
import type { Play } from './play.ts';

const data =
  process.env['HYPERLOOM_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const judgement = /^(ground_truth|is_correct(ed)?|mistake_.*)$/;
const tokenBudget = 4_000;

/** The recordings, in the order of their files; none where they are missing. */
export function recordedPlays(): Play[] {
  const folder = join(data, 'who-and-when');
  if (!existsSync(folder)) return [];
  const files = globSync(join(folder, '*', '*.json')).sort();
  return files.map((file) => playOf(file, readFileSync(file, 'utf8')));
}

/** Short runs of the same form, for a run that only shows that everything works. */
export function inventedPlays(): Play[] {
  return [1, 2].map((run) => {
    const history = Array.from({ length: 6 }, (_, step) => ({
      role: ['Orchestrator', 'Coder'][step % 2],
      content: `run ${run}, step ${step}: ${'the source agrees with table 4. '.repeat(step + 1)}`,
    }));
    return playOf(`invented/${run}.json`, JSON.stringify({ question: 'which is right?', history }));
  });
}

function playOf(file: string, text: string): Play {
  const run = readWhoAndWhen(file, text);
  if (run === undefined) throw new Error(`${file} is no recorded run`);
  const begin = run.members
    .filter(({ name }) => !judgement.test(name))
    .map((member) => ({ path: `run/${member.name}`, text: member.text }));
  const turns = run.steps.map(({ agent, text: step }, index) => ({
    agent,
    needs: [
      ...begin.map(({ path }) => path),
      ...[index - 2, index - 1].filter((at) => at >= 0).map(stepPath),
    ],
    write: { path: stepPath(index), text: step },
  }));
  return { tree: run.tree.slice(1), begin, turns, follows: () => ['run/**', 'steps/**'], tokenBudget };
}

/** That runs under faults find mistakes: one is put into the broker, and a promise that it breaks must be found broken. */
import { run, show } from '../step.ts';

/** How many runs may break something else first: that is told, and the next seeds are tried. */
const attemptsMax = 3;

export interface Mistakes {
  /** Those that no run found. */
  readonly missed: readonly string[];
  /** What broke that they do not break, or how a run ended that broke nothing. */
  readonly others: readonly string[];
}

/** Looks for each mistake. `program` takes `--mutant`, `--seed` and what else is given. */
export async function findMistakes(
  program: string,
  args: readonly string[],
  mistakes: ReadonlyMap<string, RegExp>,
): Promise<Mistakes> {
  const missed: string[] = [];
  const others: string[] = [];
  for (const [name, promises] of mistakes) {
    const isFound = await find(program, [...args, '--mutant', name], promises, (other) =>
      others.push(`with ${name}: ${other}`),
    );
    if (!isFound) missed.push(name);
  }
  return { missed, others };
}

async function find(
  program: string,
  args: readonly string[],
  promises: RegExp,
  tell: (other: string) => void,
): Promise<boolean> {
  let seed = 1;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { ok, output } = await run('node', [program, ...args, '--seed', `${seed}`], true);
    const [said, at, broken = ''] = /^seed (\d+) breaks (.*) \(\d+ times\):$/m.exec(output) ?? [];
    if (!ok && promises.test(broken)) return true;
    show(output);
    tell(said ?? (ok ? 'nothing broke' : 'the run could not end'));
    seed = 1 + Number(at ?? seed);
  }
  return false;
}

/** Makes a run that breaks a promise as small as it gets, so that there is less to read. */
import { faultKinds } from './guarantees.ts';
import { simulate } from './world.ts';
import type { RunResult, WorldOptions } from './world.ts';

/** How the same promise is broken with the least. */
export interface Smallest {
  readonly options: WorldOptions;
  readonly result: RunResult;
}

/**
 * Leaves out one crowd of agents after the other and one kind of fault after the other, and halves the time that clients work,
 * for as long as one of the same guarantees still breaks.
 */
export async function shrink(options: WorldOptions, failed: RunResult): Promise<Smallest> {
  const names = new Set(failed.violations.map(({ guarantee }) => guarantee));
  let smallest: Smallest = { options, result: failed };
  const tries = async (smaller: WorldOptions): Promise<boolean> => {
    const result = await simulate(smaller);
    if (!result.violations.some(({ guarantee }) => names.has(guarantee))) return false;
    smallest = { options: smaller, result };
    return true;
  };
  const kinds = faultKinds.filter(
    (kind) => kind === 'network' || failed.plan.faults.some((fault) => fault.kind === kind),
  );
  for (const name of [...failed.plan.crowds, ...kinds]) {
    const { wishes } = smallest.options;
    await tries({ ...smallest.options, wishes: { ...wishes, without: [...wishes.without, name] } });
  }
  let tooShort = 0;
  while (smallest.options.workMs - tooShort > 5) {
    const workMs = Math.floor((smallest.options.workMs + tooShort) / 2);
    if (!(await tries({ ...smallest.options, workMs }))) tooShort = workMs;
  }
  return smallest;
}

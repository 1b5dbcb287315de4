/** Speculations and races whose work is written down in the scenario. */
import type { Attempt, Client, Ghost, Lock } from '../../../typescript/src/index.ts';
import { gatesOf, migrationOf, operationsOf, type GivenAttempt } from './sdk-arguments.ts';
import type { Given } from './sdk-handles.ts';
import type { Result } from './sdk-results.ts';

/** Attempt by attempt; the last one again where there are more. `seen` tells which reasons each was given. */
export async function speculateOn(on: Client | Ghost | Lock, given: Given): Promise<Result> {
  const { args, signal } = given;
  const { attempts = [], retries, label, scope, serializable } = args;
  const seen: (readonly string[])[] = [];
  let current: GivenAttempt | undefined;
  const done = await on.speculate({
    label,
    scope,
    retries,
    gates: gatesOf(args),
    migration: migrationOf(args),
    isolation: serializable === true ? 'serializable' : 'writes',
    signal,
    work: async (ghost: Ghost, { number, reasons }: Attempt) => {
      seen.push(reasons);
      current = attempts[Math.min(number, attempts.length) - 1];
      await work(ghost, current, given);
    },
    verify: () => current?.verdict,
  });
  const { revision, attempts: count, reasons } = done;
  return { revision, attempts: count, reasons, seen };
}

/** All alternatives at once. */
export async function raceOn(on: Client | Ghost | Lock, given: Given): Promise<Result> {
  const { alternatives = [], attemptsMax, race } = given.args;
  const { revision, attempts, reasons, index, label } = await on.race(
    alternatives.map((alternative) => ({
      ...(alternative.label === undefined ? {} : { label: alternative.label }),
      work: (ghost: Ghost) => work(ghost, alternative, given),
      verify: () => alternative.verdict,
    })),
    { attemptsMax, id: race, signal: given.signal },
  );
  return { index, label, revision, attempts, reasons };
}

async function work(ghost: Ghost, attempt: GivenAttempt | undefined, given: Given): Promise<void> {
  if (attempt === undefined) return;
  if (attempt.after !== undefined) await given.said(attempt.after);
  await ghost.publish(operationsOf(attempt.operations, (name) => given.lease(name)));
  if (attempt.meanwhile !== undefined)
    await given.other().publish(operationsOf(attempt.meanwhile, (name) => given.lease(name)));
  if (attempt.failure !== undefined) throw new Error(attempt.failure);
}

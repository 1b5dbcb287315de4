/**
 * Works on several alternatives at once, each in a ghost of its own: the first that is accepted is committed, which reverts the others in
 * the same moment. The broker decides who is first, so a race may be run by several processes.
 */
import { GhostOverError, LeaseLostError, makeError, RaceOverError } from './errors.ts';
import { RaceFailed } from './failed-attempts.ts';
import { attemptsPerAlternativeDefault } from './limits.ts';
import type { GhostOptions } from './options.ts';
import { speculate, type Speculated, type SpeculationIn, type SpeculativeGhost } from './speculate.ts';

/** One way to do it. Its `verify`, if it has one, judges it instead of the race's. */
export type Alternative<G, Result> = Pick<SpeculationIn<G, Result>, 'work' | 'verify' | 'label'>;

/** Options of a race. */
export interface RaceOptions<G, Result> extends Omit<
  SpeculationIn<G, Result>,
  'work' | 'retries' | 'race' | 'label' | 'onRefused'
> {
  /** Attempts that all alternatives have together, at most 1,000. Default: four for each. */
  readonly attemptsMax?: number | undefined;
  /** Names the race, so that other processes can take part. Default: a name that nobody else has. */
  readonly id?: string | undefined;
}

/** The alternative that won. */
export interface RaceWon<Result> extends Speculated<Result> {
  /** Its place in the list, from 0. */
  readonly index: number;
  /** What it was called; empty where it was not. */
  readonly label: string;
}

/** Runs a race. `begin` begins a ghost where the work is to end up. */
export async function race<G extends SpeculativeGhost, Result>(
  begin: (options: GhostOptions) => Promise<G>,
  raceId: string,
  alternatives: readonly Alternative<G, Result>[],
  options: RaceOptions<G, Result>,
): Promise<RaceWon<Result>> {
  const { attemptsMax = alternatives.length * attemptsPerAlternativeDefault, id: _id, ...shared } = options;
  const over = new AbortController();
  const signal = options.signal === undefined ? over.signal : AbortSignal.any([options.signal, over.signal]);
  const errors: unknown[] = [];
  const own = new Set<string>();
  const beginOwn = async (given: GhostOptions): Promise<G> => {
    const ghost = await begin(given);
    own.add(ghost.id);
    return ghost;
  };
  const run = async (alternative: Alternative<G, Result>, index: number): Promise<RaceWon<Result>> => {
    const { label = '' } = alternative;
    const verify = alternative.verify ?? options.verify;
    const speculation: SpeculationIn<G, Result> = {
      ...shared,
      signal,
      label,
      race: { id: raceId, attemptsMax },
      // The broker counts, for all alternatives together.
      retries: Infinity,
      work: (ghost, attempt) => alternative.work(ghost, attempt),
      ...(verify === undefined ? {} : { verify }),
    };
    try {
      const done = await speculate(beginOwn, speculation);
      over.abort(raceOver(raceId, done.ghostId));
      return { ...done, index, label };
    } catch (error) {
      const lost = lossOf(error, raceId);
      // Somebody else has won: no alternative here can. But where the winner is of these, its own answer is still on the way.
      if (lost !== undefined && !own.has(lost.winnerGhostId)) over.abort(lost);
      errors[index] = lost ?? error;
      throw error;
    }
  };
  try {
    return await Promise.any(alternatives.map(run));
  } catch {
    options.signal?.throwIfAborted();
    // What ended all of them at once says more than the list.
    const common = errors.find((error) => error instanceof RaceOverError || error instanceof LeaseLostError);
    throw common ?? new RaceFailed(errors);
  }
}

/** The loss of the race, where that is what an error tells: a loser's ghost is over in the moment in which another has won. */
function lossOf(error: unknown, raceId: string): RaceOverError | undefined {
  if (error instanceof RaceOverError) return error;
  if (!(error instanceof GhostOverError) || error.metadata['race_id'] !== raceId) return undefined;
  return raceOver(raceId, error.metadata['winner_ghost_id'] ?? '', error);
}

function raceOver(raceId: string, winnerGhostId: string, cause?: unknown): RaceOverError {
  return makeError({
    code: 'FAILED_PRECONDITION',
    reason: 'RACE_OVER',
    message: `ghost ${winnerGhostId} has won race ${raceId}`,
    metadata: { race_id: raceId, winner_ghost_id: winnerGhostId },
    cause,
  }) as RaceOverError;
}

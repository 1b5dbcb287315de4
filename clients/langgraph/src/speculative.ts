/** Nodes and tools whose every call works in a ghost until a verifier accepts it. */
import {
  SpeculationFailed,
  type Attempt,
  type Ghost,
  type Speculated,
  type Speculation,
} from '@hyperloom/client';

/** A client, ghost or lock. */
export interface Speculating {
  speculate<Result>(speculation: Speculation<Result>): Promise<Speculated<Result>>;
}

/** How such calls go: `verify`, `retries`, `scope`, `gates`, … of {@link Speculation}. */
export interface SpeculativeOptions<Result> extends Omit<Speculation<Result>, 'work' | 'signal'> {
  /**
   * The result where no attempt was accepted, whose reasons the error has: an update of the state, a `Command` that goes elsewhere, a text for the
   * model ({@link tellReasons}). Default: the error ends the run, which can be taken up again from its last checkpoint.
   */
  readonly otherwise?: ((error: SpeculationFailed) => Result | Promise<Result>) | undefined;
}

/**
 * Makes a node, or what a tool does, of a function that works in a ghost. Each call begins a ghost, does the work in it, and commits when `verify`
 * accepts. Where it refuses, the ghost goes back to its checkpoint, and the work is done again with the reasons so far (`attempt.reasons`). Nothing
 * that was refused is ever seen outside, and what the work throws, an interrupt too, reverts the ghost.
 */
export function speculative<Args extends readonly unknown[], Result>(
  broker: Speculating,
  work: (ghost: Ghost, attempt: Attempt, ...args: Args) => Result | Promise<Result>,
  options: SpeculativeOptions<Result> = {},
): (...args: Args) => Promise<Result> {
  const { otherwise, ...speculation } = options;
  const label = speculation.label ?? work.name;
  const call = async (...args: Args): Promise<Result> => {
    const attemptIt = (ghost: Ghost, attempt: Attempt): Result | Promise<Result> =>
      work(ghost, attempt, ...args);
    try {
      const signal = signalIn(args);
      return (await broker.speculate<Result>({ ...speculation, label, signal, work: attemptIt })).result;
    } catch (error) {
      if (otherwise === undefined || !(error instanceof SpeculationFailed)) throw error;
      return otherwise(error);
    }
  };
  return Object.defineProperty(call, 'name', { value: work.name });
}

/** For `otherwise` of a tool: what the model is told where no attempt was accepted. */
export function tellReasons(error: SpeculationFailed): string {
  const reasons = error.reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n');
  return `Nothing was changed: all ${error.reasons.length} attempts were refused, because\n${reasons}`;
}

/** What aborts when the run is called off: nodes and tools have it in the config, their second argument. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  const config = args[1];
  const signal =
    typeof config === 'object' && config !== null && 'signal' in config ? config.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

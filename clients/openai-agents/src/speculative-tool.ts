/** A tool whose every call works in a ghost until a verifier accepts it. */
import {
  Client,
  Ghost,
  Lock,
  SpeculationFailed,
  type Attempt,
  type Speculation,
  type Verdict,
} from '@hyperloom/client';
import type { BrokerVerbs } from '@hyperloom/client/adapters';
import {
  tool,
  UserError,
  type FunctionTool,
  type RunContext,
  type ToolExecuteArgument,
} from '@openai/agents';
import type { ToolInputParameters, ToolOptions } from '@openai/agents';

/** What a call works with, beside its input. */
export interface SpeculativeWork<Context> {
  /** Where it works: nothing of it is seen outside before it is accepted. */
  readonly ghost: Ghost;
  /** Which try it is, and why the earlier ones were refused. */
  readonly attempt: Attempt;
  /** The run's. */
  readonly context: RunContext<Context> | undefined;
}

type Speculating = Pick<Speculation<unknown>, 'retries' | 'scope' | 'gates' | 'isolation' | 'ttlMs'>;

type Without<Options> = Options extends unknown ? Omit<Options, 'execute' | 'parameters'> : never;

/** What the SDK's `tool` takes, with another `execute`, and how to speculate. */
export type SpeculativeToolOptions<Parameters extends ToolInputParameters, Context, Result> = Without<
  ToolOptions<Parameters, Context>
> &
  Speculating & {
    readonly parameters: Parameters;
    /** Does the work in a ghost. What it throws reverts that, and is told as the SDK tells errors of tools. */
    readonly execute: (
      input: ToolExecuteArgument<Parameters>,
      work: SpeculativeWork<Context>,
    ) => Result | Promise<Result>;
    /** Accepts the work, with `true` or nothing; or refuses it, with a reason, `false`, or an error. */
    readonly verify?: (ghost: Ghost, result: Result) => Verdict | Promise<Verdict>;
    /** Called after each refusal. */
    readonly onRefused?: NonNullable<Speculation<Result>['onRefused']>;
  };

/**
 * Makes a tool that works in a ghost of `broker`. Each call does the work, and commits it when `verify` accepts; where that refuses, the ghost goes
 * back to its checkpoint, and the work is done again with the reasons so far (`attempt.reasons`), at most `retries` times (3). After that the
 * model is told all reasons, or `errorFunction` gets a `SpeculationFailed`. Throws the SDK's `UserError` for bad input.
 */
export function speculativeTool<Parameters extends ToolInputParameters, Result, Context = unknown>(
  broker: BrokerVerbs,
  options: SpeculativeToolOptions<Parameters, Context, Result>,
): FunctionTool<Context, Parameters, Result | string> {
  check(broker, options);
  const { retries, scope, gates, isolation, ttlMs, execute, verify, onRefused, ...described } = options;
  const call = async (
    input: ToolExecuteArgument<Parameters>,
    context?: RunContext<Context>,
    details?: { readonly signal?: AbortSignal },
  ): Promise<Result | string> => {
    const speculation: Speculation<Result> = {
      work: (ghost, attempt) => execute(input, { ghost, attempt, context }),
      ...(verify === undefined ? {} : { verify }),
      ...(onRefused === undefined ? {} : { onRefused }),
      label: described.name ?? execute.name,
      retries,
      scope,
      gates,
      isolation,
      ttlMs,
      signal: details?.signal,
    };
    try {
      return (await broker.speculate(speculation)).result;
    } catch (error) {
      if (!(error instanceof SpeculationFailed) || described.errorFunction !== undefined) throw error;
      return tellReasons(error);
    }
  };
  const all = { ...described, execute: call } as unknown as ToolOptions<Parameters, Context>;
  return tool<Parameters, Context, Result | string>(all);
}

/** What a model is told where no attempt was accepted: why. */
export function tellReasons({ reasons }: SpeculationFailed): string {
  const list = reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n');
  return `Nothing was changed: all ${reasons.length} attempts were refused, because\n${list}`;
}

function check(broker: unknown, options: { readonly execute?: unknown; readonly verify?: unknown }): void {
  const isConnected = broker instanceof Client || broker instanceof Ghost || broker instanceof Lock;
  if (!isConnected)
    throw new UserError(
      `speculativeTool takes a client of connect(…), a ghost or a lock, not ${typeof broker}`,
    );
  if (typeof options.execute !== 'function')
    throw new UserError('speculativeTool needs execute: (input, { ghost, attempt }) => …');
  if (options.verify !== undefined && typeof options.verify !== 'function')
    throw new UserError('verify must be a function: (ghost, result) => true, or why not');
}

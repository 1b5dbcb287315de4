/** What a session throws: errors of the Agents SDK's own kind, each of which says what to do. Bad input is its `UserError`. */
import { DeadlineExceededError, HyperloomError, UnavailableError } from '@hyperloom/client';
import { AgentsError } from '@openai/agents';

/** The broker refused or could not do it. `cause` is the client's error, with code and reason. */
export class SessionError extends AgentsError {
  override readonly name: string = 'SessionError';

  constructor(message: string, cause?: unknown) {
    super(message);
    this.cause = cause;
  }
}

/** No broker answered in time. What was being written may have been written, or not. */
export class SessionUnavailableError extends SessionError {
  override readonly name = 'SessionUnavailableError';
}

const hints: Readonly<Record<string, string>> = {
  LOCKED: '. Somebody holds a lock on the session: write through that lock, or wait until it is given back',
  METHOD_NOT_IMPLEMENTED: '. The broker is older than this package: update it',
  FOREST_NOT_FOUND: '. Create it first: `npx hyperloom forest create NAME`',
};

/** Does work, and turns the client's errors into the session's. */
export async function telling<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof DeadlineExceededError)
      throw new SessionUnavailableError(
        `could not ${what}: the broker does not answer (${error.message}). Start one with \`npx hyperloom serve\`, or say where it is: ` +
          "HYPERLOOM_ADDRESS, or connect('host:port')",
        error,
      );
    if (error instanceof HyperloomError)
      throw new SessionError(`could not ${what}: ${error.message}${hints[error.reason] ?? ''}`, error);
    throw error;
  }
}

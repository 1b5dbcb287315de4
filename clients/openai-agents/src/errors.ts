/** What a session throws: errors of the Agents SDK's own kind, each of which says what to do. Bad input is its `UserError`. */
import { failureOf } from '@hyperloom/client/adapters';
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

/** Does work, and turns the client's errors into the session's. */
export async function telling<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const failure = failureOf(what, 'session', error);
    if (failure === undefined) throw error;
    const { message, isUnavailable, cause } = failure;
    throw isUnavailable ? new SessionUnavailableError(message, cause) : new SessionError(message, cause);
  }
}

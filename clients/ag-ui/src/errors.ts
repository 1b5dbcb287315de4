/** What a feed throws: errors of AG-UI's own kind, each of which says what to do. */
import { AGUIError } from '@ag-ui/core';
import { failureOf } from '@hyperloom/client/adapters';

/** Bad input, or something that the broker refused or could not do: `cause` is the client's error then, with code and reason. */
export class FeedError extends AGUIError {
  override readonly name: string = 'FeedError';

  constructor(message: string, cause?: unknown) {
    super(message);
    this.cause = cause;
  }
}

/** No broker answered in time. */
export class FeedUnavailableError extends FeedError {
  override readonly name = 'FeedUnavailableError';
}

/** The client's error as the feed's; others as they are. */
export function toldError(what: string, error: unknown): unknown {
  const failure = failureOf(what, 'subtree', error);
  if (failure === undefined) return error;
  const { message, isUnavailable, cause } = failure;
  return isUnavailable ? new FeedUnavailableError(message, cause) : new FeedError(message, cause);
}

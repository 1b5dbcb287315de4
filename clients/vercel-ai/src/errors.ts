/** What a chat store throws: errors of the AI SDK's own kind, each of which says what to do. Bad input is its `InvalidArgumentError`. */
import { failureOf } from '@hyperloom/client/adapters';
import { AISDKError, InvalidArgumentError } from 'ai';

/** The broker refused or could not do it. `cause` is the client's error, with code and reason. */
export class ChatStoreError extends AISDKError {
  constructor(message: string, cause?: unknown, name = 'ChatStoreError') {
    super({ name, message, cause });
  }
}

/** No broker answered in time. What was being written may have been written, or not. */
export class ChatStoreUnavailableError extends ChatStoreError {
  constructor(message: string, cause?: unknown) {
    super(message, cause, 'ChatStoreUnavailableError');
  }
}

/** Bad input, in the SDK's words. */
export function refused(parameter: string, value: unknown): (message: string) => Error {
  return (message) => new InvalidArgumentError({ parameter, value, message });
}

/** Does work, and turns the client's errors into the store's. */
export async function telling<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toldError(what, error);
  }
}

/** The client's error as the store's; others as they are. */
export function toldError(what: string, error: unknown): unknown {
  const failure = failureOf(what, 'chat', error);
  if (failure === undefined) return error;
  const { message, isUnavailable, cause } = failure;
  return isUnavailable ? new ChatStoreUnavailableError(message, cause) : new ChatStoreError(message, cause);
}

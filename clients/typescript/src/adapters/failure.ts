/** What went wrong at the broker, in words that say what to do: adapters make errors of their framework's kind of it. */
import { DeadlineExceededError, HyperloomError, UnavailableError } from '../errors.ts';

/** A failure, for an error of the framework. */
export interface Failure {
  readonly message: string;
  /** No broker answered in time: what was being written may have been written, or not. */
  readonly isUnavailable: boolean;
  readonly cause: HyperloomError;
}

/** The failure that an error of the client stands for; `undefined` for other errors. `what` is what could not be done, to which `subject`. */
export function failureOf(what: string, subject: string, error: unknown): Failure | undefined {
  if (!(error instanceof HyperloomError)) return undefined;
  if (error instanceof UnavailableError || error instanceof DeadlineExceededError)
    return {
      message:
        `could not ${what}: the broker does not answer (${error.message}). Start one with \`npx hyperloom serve\`, or say where it is: ` +
        "HYPERLOOM_ADDRESS, or connect('host:port')",
      isUnavailable: true,
      cause: error,
    };
  const hint = hints[error.reason]?.(subject) ?? '';
  return { message: `could not ${what}: ${error.message}${hint}`, isUnavailable: false, cause: error };
}

const hints: Readonly<Record<string, (subject: string) => string>> = {
  LOCKED: (subject) =>
    `. Somebody holds a lock on the ${subject}: write through that lock, or wait until it is given back`,
  METHOD_NOT_IMPLEMENTED: () => '. The broker is older than this package: update it',
  FOREST_NOT_FOUND: () => '. Create it first: `npx hyperloom forest create NAME`',
};

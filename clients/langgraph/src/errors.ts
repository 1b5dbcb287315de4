/** What a saver or store refuses, each error saying what to do. */
import { DeadlineExceededError, UnavailableError } from '@hyperloom/client';

/** Anything that this package refuses. */
export class HyperloomLangGraphError extends Error {
  override readonly name: string = 'HyperloomLangGraphError';
}

/** An id that no path can hold. */
export class UnusableIdError extends HyperloomLangGraphError {
  override readonly name = 'UnusableIdError';

  constructor(what: string, id: string, why: string) {
    const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
    super(`the ${what} ${JSON.stringify(shown)} cannot be used: ${why}`);
  }
}

/** Something that a config must say. */
export class IncompleteConfigError extends HyperloomLangGraphError {
  override readonly name = 'IncompleteConfigError';

  constructor(field: string, doing: string) {
    super(`cannot ${doing}: the config names no "${field}"; pass { configurable: { ${field}: '…' } }`);
  }
}

/** Where a refused writer stood, and where the thread stands. */
export interface ThreadConflict {
  readonly threadId: string;
  readonly namespace: string;
  /** The checkpoint that it went on from; `undefined` for a first one. */
  readonly parentId: string | undefined;
  /** The thread's newest checkpoint. */
  readonly headId: string | undefined;
}

/** Somebody else has written to the thread meanwhile. Nothing was written. */
export class ThreadConflictError extends HyperloomLangGraphError {
  override readonly name = 'ThreadConflictError';
  readonly conflict: ThreadConflict;
  /** What LangGraph's proposal for owners of threads recognises (langchain-ai/langgraph#8796). */
  readonly is_stale_write_owner_error = true;

  constructor(conflict: ThreadConflict) {
    const { threadId, namespace, parentId, headId } = conflict;
    const where = `thread ${JSON.stringify(threadId)}${namespace === '' ? '' : `, namespace ${JSON.stringify(namespace)}`}`;
    const from = parentId === undefined ? 'an empty thread' : `checkpoint ${parentId}`;
    super(
      `another writer was faster: this run went on from ${from} of ${where}, whose newest is ${headId ?? 'none'} by now. Nothing was written. ` +
        'Invoke the graph again without a checkpoint_id to go on from the newest, or with one to fork on purpose.',
    );
    this.conflict = conflict;
  }
}

/** A value that cannot be stored. */
export class UnstorableValueError extends HyperloomLangGraphError {
  override readonly name = 'UnstorableValueError';

  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `${what} cannot be stored: ${why}. Keep it out of the state, or pass the saver a serialiser for it`,
      { cause },
    );
  }
}

/** A value that this process cannot read: written by another language's or a user's serialiser, or damaged. */
export class UnreadableValueError extends HyperloomLangGraphError {
  override readonly name = 'UnreadableValueError';

  constructor(what: string, why: string, cause?: unknown) {
    super(`${what} cannot be read: ${why}`, cause === undefined ? undefined : { cause });
  }
}

/** No broker answers. */
export class BrokerUnreachableError extends HyperloomLangGraphError {
  override readonly name = 'BrokerUnreachableError';

  constructor(cause: Error) {
    super(
      `the broker does not answer (${cause.message}). Start one with "npx hyperloom serve", or say where it is: HYPERLOOM_ADDRESS, or connect('host:port')`,
      { cause },
    );
  }
}

/** Tells failures to reach the broker in words that help here; other errors pass as they are. */
export function readable(error: unknown): unknown {
  return error instanceof UnavailableError || error instanceof DeadlineExceededError
    ? new BrokerUnreachableError(error)
    : error;
}

/** Imports all threads or sessions of a database, several at a time, and tells what became of each. */
import {
  HyperloomError,
  PreconditionFailedError,
  type Client,
} from '../../../clients/typescript/src/index.ts';
import { eachAtOnce } from '../replay/each.ts';
import type { CheckpointStore, SavedSpace } from './langgraph/checkpoint-store.ts';
import { importThread } from './langgraph/import-thread.ts';
import { threadsAtOnce } from './limits.ts';
import { importSession } from './openai-agents/import-session.ts';
import type { SqliteSessions } from './openai-agents/session-store.ts';
import { GoneOn, Unimportable } from './segments.ts';

export interface StoreImport {
  readonly client: Client;
  readonly root: string;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** Threads or sessions by id; `undefined`: all. */
  readonly only: ReadonlySet<string> | undefined;
  /** Told how many checkpoints or items are done with, of how many. */
  readonly onProgress: (done: number, total: number) => void;
  /** Told of each thread or session when it is done with. */
  readonly onOutcome: (outcome: StoreOutcome) => Promise<void>;
}

/** What became of one thread or session; counts are of checkpoints or items. */
export interface StoreOutcome {
  readonly kind: 'thread' | 'session';
  readonly id: string;
  /** Its subtree; empty where no path can hold its id. */
  readonly path: string;
  readonly imported: number;
  readonly present: number;
  /** What was left out, and why. */
  readonly problems: readonly string[];
  /** Nothing was changed, because others have gone on with it here. */
  readonly isGoneOn: boolean;
}

export async function importCheckpoints(store: CheckpointStore, work: StoreImport): Promise<void> {
  const threads = Map.groupBy(await store.spaces(), ({ threadId }) => threadId);
  const chosen = [...threads].filter(([id]) => work.only?.has(id) ?? true);
  const onDone = counter(
    chosen.flatMap(([, spaces]) => spaces.map(({ count }) => count)),
    work,
  );
  await eachAtOnce(chosen, threadsAtOnce, ([id, spaces]: [string, SavedSpace[]]) =>
    one('thread', id, work, async () => importThread(id, spaces, { ...work, store, onDone })),
  );
}

export async function importSessions(store: SqliteSessions, work: StoreImport): Promise<void> {
  const chosen = store.sessions().filter(({ id }) => work.only?.has(id) ?? true);
  const onDone = counter(
    chosen.map(({ count }) => count),
    work,
  );
  await eachAtOnce(chosen, threadsAtOnce, ({ id }) =>
    one('session', id, work, async () => {
      const { items, leftOut } = store.items(id);
      onDone(leftOut);
      const problems =
        leftOut === 0
          ? []
          : [`${leftOut} of its items are no JSON objects, which the SDK does not read either`];
      return { ...(await importSession(id, items, { ...work, onDone })), problems };
    }),
  );
}

function counter(counts: readonly number[], { onProgress }: StoreImport): (done: number) => void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let all = 0;
  return (done) => {
    all += done;
    onProgress(all, total);
  };
}

/** Imports one; what is wrong with it is told, and the others are not left out because of it. */
async function one(
  kind: StoreOutcome['kind'],
  id: string,
  { signal, onOutcome }: StoreImport,
  work: () => Promise<Pick<StoreOutcome, 'path' | 'imported' | 'present' | 'problems'>>,
): Promise<void> {
  if (signal.aborted) return;
  const nothing = { kind, id, path: '', imported: 0, present: 0 };
  try {
    await onOutcome({ kind, id, ...(await work()), isGoneOn: false });
  } catch (error) {
    if (error instanceof PreconditionFailedError)
      await onOutcome({
        ...nothing,
        problems: [`somebody wrote to it while it was imported: ${error.message}`],
        isGoneOn: true,
      });
    else if (error instanceof GoneOn || error instanceof Unimportable || isRefusal(error))
      await onOutcome({ ...nothing, problems: [error.message], isGoneOn: error instanceof GoneOn });
    else throw error;
  }
}

/** Of this one, not of the broker's standing: a path that is too long, a value against a schema. */
function isRefusal(error: unknown): error is HyperloomError {
  return error instanceof HyperloomError && error.code === 'INVALID_ARGUMENT';
}

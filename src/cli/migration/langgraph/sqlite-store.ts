/** Checkpoints in a SQLite file, as LangGraph's savers of Python and JavaScript lay them out. */
import type { DatabaseSync } from 'node:sqlite';

import { rowsPerQuery } from '../limits.ts';
import { Unimportable } from '../segments.ts';
import type { CheckpointStore, SavedSpace, Unreadable } from './checkpoint-store.ts';
import {
  metadataOf,
  tasksOf,
  wholeCheckpoint,
  type SavedCheckpoint,
  type SavedTask,
  type WriteRow,
} from './saved-checkpoint.ts';

interface CheckpointRow {
  readonly checkpoint_id: string;
  readonly parent_checkpoint_id: string | null;
  readonly type: string | null;
  readonly checkpoint: Uint8Array | string | null;
  readonly metadata: Uint8Array | string | null;
}

/** Whether the tables are those of a saver. */
export function hasCheckpoints(columnsOf: (table: string) => ReadonlySet<string>): boolean {
  const columns = columnsOf('checkpoints');
  return ['thread_id', 'checkpoint_ns', 'checkpoint_id', 'checkpoint'].every((name) => columns.has(name));
}

export class SqliteCheckpoints implements CheckpointStore {
  readonly #database: DatabaseSync;
  readonly #writesQuery: string;

  constructor(database: DatabaseSync, writeColumns: ReadonlySet<string>) {
    this.#database = database;
    const path = writeColumns.has('task_path') ? 'task_path' : "'' AS task_path";
    this.#writesQuery =
      writeColumns.size === 0
        ? ''
        : `SELECT task_id, ${path}, idx, channel, type, CAST(value AS BLOB) AS value FROM writes
           WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY task_id, idx`;
  }

  async spaces(): Promise<readonly SavedSpace[]> {
    const rows = this.#database
      .prepare(
        `SELECT thread_id, checkpoint_ns, count(*) AS count, max(checkpoint_id) AS newest
         FROM checkpoints GROUP BY thread_id, checkpoint_ns ORDER BY thread_id, checkpoint_ns`,
      )
      .all() as unknown as readonly {
      thread_id: string;
      checkpoint_ns: string;
      count: number;
      newest: string;
    }[];
    return rows.map(({ thread_id: threadId, checkpoint_ns: namespace, count, newest: newestId }) => ({
      threadId,
      namespace,
      count,
      newestId,
    }));
  }

  async has({ threadId, namespace }: SavedSpace, id: string): Promise<boolean> {
    const query = 'SELECT 1 FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?';
    return this.#database.prepare(query).get(threadId, namespace, id) !== undefined;
  }

  async countUpTo({ threadId, namespace }: SavedSpace, id: string): Promise<number> {
    const query =
      'SELECT count(*) AS count FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id <= ?';
    return Number(this.#database.prepare(query).get(threadId, namespace, id)?.['count'] ?? 0);
  }

  async *checkpoints(
    space: SavedSpace,
    after: string | undefined,
  ): AsyncGenerator<SavedCheckpoint | Unreadable, void, void> {
    const query = this.#database.prepare(
      `SELECT checkpoint_id, parent_checkpoint_id, type, CAST(checkpoint AS BLOB) AS checkpoint, CAST(metadata AS BLOB) AS metadata
       FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id > ? ORDER BY checkpoint_id LIMIT ${rowsPerQuery}`,
    );
    let last = after ?? '';
    for (;;) {
      const rows = query.all(space.threadId, space.namespace, last) as unknown as readonly CheckpointRow[];
      for (const row of rows) yield this.#checkpoint(space, row);
      const next = rows.at(-1)?.checkpoint_id;
      if (next === undefined || rows.length < rowsPerQuery) return;
      last = next;
    }
  }

  #checkpoint(space: SavedSpace, row: CheckpointRow): SavedCheckpoint | Unreadable {
    const id = row.checkpoint_id;
    try {
      return {
        id,
        parentId:
          row.parent_checkpoint_id === null || row.parent_checkpoint_id === ''
            ? undefined
            : row.parent_checkpoint_id,
        ...wholeCheckpoint(row.type, bytesOf(row.checkpoint)),
        metadata: metadataOf(row.metadata),
        tasks: this.#tasks(space, id),
      };
    } catch (error) {
      if (error instanceof Unimportable) return { id, problem: error.message };
      throw error;
    }
  }

  async tasks(space: SavedSpace, id: string): Promise<readonly SavedTask[]> {
    return this.#tasks(space, id);
  }

  #tasks({ threadId, namespace }: SavedSpace, id: string): readonly SavedTask[] {
    if (this.#writesQuery === '') return [];
    return tasksOf(
      this.#database
        .prepare(this.#writesQuery)
        .all(threadId, namespace, id) as unknown as readonly WriteRow[],
    );
  }
}

function bytesOf(stored: Uint8Array | string | null): Uint8Array {
  return typeof stored === 'string' ? Buffer.from(stored) : (stored ?? new Uint8Array());
}

/**
 * Checkpoints in PostgreSQL, as LangGraph's savers of Python and JavaScript lay them out: `checkpoints` holds each without its values,
 * `checkpoint_blobs` each value by channel and version, `checkpoint_writes` what is pending. JSON is read as text: a driver that parses it
 * would turn floats into integers.
 */
import type { Client } from 'pg';

import { rowsPerQuery } from '../limits.ts';
import { Unimportable } from '../segments.ts';
import type { CheckpointStore, SavedSpace, Unreadable } from './checkpoint-store.ts';
import { objectMembers } from '../../json-parts.ts';
import {
  checkpointOfJson,
  inChannel,
  metadataOf,
  tasksOf,
  type SavedCheckpoint,
  type SavedTask,
  type WriteRow,
} from './saved-checkpoint.ts';
import { savedValue, type SavedValue } from './saved-value.ts';

interface CheckpointRow {
  readonly checkpoint_id: string;
  readonly parent_checkpoint_id: string | null;
  readonly checkpoint: string;
  readonly metadata: string;
}

interface BlobRow {
  readonly channel: string;
  readonly version: string;
  readonly type: string;
  readonly blob: Buffer | null;
}

/** Values of the newest checkpoint by channel and version: most of the next one's are among them. */
type Values = ReadonlyMap<string, SavedValue | undefined>;

const nowhere = new Uint8Array();

export class PostgresCheckpoints implements CheckpointStore {
  readonly #client: Client;
  readonly #pathColumn: string;
  #last: Promise<unknown> = Promise.resolve();

  /** Of a connection in which a transaction sees one moment. */
  constructor(client: Client, writeColumns: ReadonlySet<string>) {
    this.#client = client;
    this.#pathColumn = writeColumns.has('task_path') ? 'task_path' : "'' AS task_path";
  }

  async spaces(): Promise<readonly SavedSpace[]> {
    const rows = await this.#rows<{
      thread_id: string;
      checkpoint_ns: string;
      count: number;
      newest: string;
    }>(
      `SELECT thread_id, checkpoint_ns, count(*)::int AS count, max(checkpoint_id COLLATE "C") AS newest
       FROM checkpoints GROUP BY thread_id, checkpoint_ns ORDER BY thread_id COLLATE "C", checkpoint_ns COLLATE "C"`,
    );
    return rows.map(({ thread_id: threadId, checkpoint_ns: namespace, count, newest: newestId }) => ({
      threadId,
      namespace,
      count,
      newestId,
    }));
  }

  async has({ threadId, namespace }: SavedSpace, id: string): Promise<boolean> {
    const query =
      'SELECT 1 FROM checkpoints WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3';
    return (await this.#rows(query, threadId, namespace, id)).length > 0;
  }

  async countUpTo({ threadId, namespace }: SavedSpace, id: string): Promise<number> {
    const rows = await this.#rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM checkpoints
       WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id COLLATE "C" <= $3`,
      threadId,
      namespace,
      id,
    );
    return rows[0]?.count ?? 0;
  }

  async *checkpoints(
    space: SavedSpace,
    after: string | undefined,
  ): AsyncGenerator<SavedCheckpoint | Unreadable, void, void> {
    let last = after ?? '';
    let known: Values = new Map();
    for (;;) {
      const rows = await this.#rows<CheckpointRow>(
        `SELECT checkpoint_id, parent_checkpoint_id, checkpoint::text AS checkpoint, metadata::text AS metadata FROM checkpoints
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id COLLATE "C" > $3
         ORDER BY checkpoint_id COLLATE "C" LIMIT ${rowsPerQuery}`,
        space.threadId,
        space.namespace,
        last,
      );
      for (const row of rows) {
        const read = await this.#checkpoint(space, row, known);
        known = read.known;
        yield read.checkpoint;
      }
      const next = rows.at(-1)?.checkpoint_id;
      if (next === undefined || rows.length < rowsPerQuery) return;
      last = next;
    }
  }

  async #checkpoint(
    space: SavedSpace,
    row: CheckpointRow,
    known: Values,
  ): Promise<{ readonly checkpoint: SavedCheckpoint | Unreadable; readonly known: Values }> {
    const id = row.checkpoint_id;
    try {
      const { open, values: inline } = checkpointOfJson(row.checkpoint);
      const versions = versionsIn(open.get('channel_versions') ?? '{}');
      const blobs = await this.#blobs(space, versions, known);
      const values = new Map(inline);
      for (const [channel, version] of versions) {
        const value = blobs.get(keyOf(channel, version));
        if (value !== undefined) values.set(channel, value);
      }
      const checkpoint = {
        id,
        parentId:
          row.parent_checkpoint_id === null || row.parent_checkpoint_id === ''
            ? undefined
            : row.parent_checkpoint_id,
        open,
        values,
        metadata: metadataOf(row.metadata),
        tasks: await this.tasks(space, id),
      };
      return { checkpoint, known: blobs };
    } catch (error) {
      if (error instanceof Unimportable) return { checkpoint: { id, problem: error.message }, known };
      throw error;
    }
  }

  /** The values of these versions, asked for where they are not known. */
  async #blobs(space: SavedSpace, versions: ReadonlyMap<string, string>, known: Values): Promise<Values> {
    const values = new Map<string, SavedValue | undefined>();
    const missing: [channel: string, version: string][] = [];
    for (const [channel, version] of versions) {
      const key = keyOf(channel, version);
      if (known.has(key)) values.set(key, known.get(key));
      else missing.push([channel, version]);
    }
    if (missing.length === 0) return values;
    const rows = await this.#rows<BlobRow>(
      `SELECT channel, version, type, blob FROM checkpoint_blobs JOIN unnest($3::text[], $4::text[]) AS wanted(channel, version)
       USING (channel, version) WHERE thread_id = $1 AND checkpoint_ns = $2`,
      space.threadId,
      space.namespace,
      missing.map(([channel]) => channel),
      missing.map(([, version]) => version),
    );
    for (const [channel, version] of missing) values.set(keyOf(channel, version), undefined);
    for (const { channel, version, type, blob } of rows)
      values.set(
        keyOf(channel, version),
        inChannel(channel, () => savedValue(type, blob ?? nowhere)),
      );
    return values;
  }

  async tasks({ threadId, namespace }: SavedSpace, id: string): Promise<readonly SavedTask[]> {
    return tasksOf(
      await this.#rows<WriteRow>(
        `SELECT task_id, ${this.#pathColumn}, idx, channel, type, blob AS value FROM checkpoint_writes
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3 ORDER BY task_id COLLATE "C", idx`,
        threadId,
        namespace,
        id,
      ),
    );
  }

  /** One query after the other: a connection has no more than one at a time. */
  #rows<Row>(query: string, ...values: readonly unknown[]): Promise<readonly Row[]> {
    const rows = this.#last.then(
      async () => (await this.#client.query(query, [...values])).rows as readonly Row[],
    );
    this.#last = rows.catch(() => undefined);
    return rows;
  }
}

function keyOf(channel: string, version: string): string {
  return `${version}\n${channel}`;
}

/** Versions by channel, as the blobs name them: the text of a text, the digits of a number. */
function versionsIn(json: string): ReadonlyMap<string, string> {
  return new Map(
    (objectMembers(json) ?? []).map(({ name, start, end }) => {
      const text = json.slice(start, end);
      return [name, text.startsWith('"') ? (JSON.parse(text) as string) : text];
    }),
  );
}

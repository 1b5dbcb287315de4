/** Opens what threads and sessions are imported from: a SQLite file, or a PostgreSQL database by its URL. Read only, as it is at one moment. */
import { open } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';

import type Driver from 'pg';

import { UsageError } from '../failure.ts';
import type { CheckpointStore } from './langgraph/checkpoint-store.ts';
import { PostgresCheckpoints } from './langgraph/postgres-store.ts';
import { hasCheckpoints, SqliteCheckpoints } from './langgraph/sqlite-store.ts';
import { hasBranches, itemsTable, SqliteSessions } from './openai-agents/session-store.ts';

/** What there is to import. */
export interface OpenStore {
  readonly checkpoints: CheckpointStore | undefined;
  readonly sessions: SqliteSessions | undefined;
  close(): Promise<void>;
}

const sqliteMagic = 'SQLite format 3\0';

/** What a source is, by its name or its first bytes; `undefined`: no database. */
export async function databaseKind(source: string): Promise<'sqlite' | 'postgres' | undefined> {
  if (/^postgres(ql)?:\/\//.test(source)) return 'postgres';
  if (source === '-') return undefined;
  const file = await open(source, 'r');
  try {
    const first = Buffer.alloc(sqliteMagic.length);
    await file.read(first, 0, first.length, 0);
    return first.toString('latin1') === sqliteMagic ? 'sqlite' : undefined;
  } finally {
    await file.close();
  }
}

/** Opens it. Throws a {@link UsageError} where it holds nothing that can be imported, or cannot be read. */
export async function openStore(source: string, kind: 'sqlite' | 'postgres'): Promise<OpenStore> {
  try {
    return kind === 'sqlite' ? await openSqlite(source) : await openPostgres(source);
  } catch (error) {
    throw databaseError(error);
  }
}

async function openSqlite(file: string): Promise<OpenStore> {
  const { DatabaseSync: Database } = await import('node:sqlite');
  const database: DatabaseSync = new Database(file, { readOnly: true });
  try {
    // What others write meanwhile is not seen.
    database.exec('BEGIN');
    const tables = (
      database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as unknown as readonly {
        name: string;
      }[]
    ).map(({ name }) => name);
    const columnsOf = (table: string): ReadonlySet<string> =>
      new Set(
        (
          database.prepare('SELECT name FROM pragma_table_info(?)').all(table) as unknown as readonly {
            name: string;
          }[]
        ).map(({ name }) => name),
      );
    const items = itemsTable(tables, columnsOf);
    const checkpoints = hasCheckpoints(columnsOf)
      ? new SqliteCheckpoints(database, columnsOf('writes'))
      : undefined;
    const sessions =
      items === undefined ? undefined : new SqliteSessions(database, items, hasBranches(columnsOf));
    if (checkpoints === undefined && sessions === undefined)
      throw new UsageError(
        `${file} holds neither checkpoints of LangGraph nor sessions of the OpenAI Agents SDK; its tables: ${tables.join(', ')}`,
      );
    return { checkpoints, sessions, close: async () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function openPostgres(url: string): Promise<OpenStore> {
  const { Client } = await postgresDriver();
  const client = new Client({ connectionString: url, application_name: 'hyperloom import' });
  // A connection that is lost fails the query that is waiting; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const columnsOf = async (table: string): Promise<ReadonlySet<string>> => {
      const { rows } = await client.query<{ name: string }>(
        'SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped',
        [table],
      );
      return new Set(rows.map(({ name }) => name));
    };
    const columns = await columnsOf('checkpoints');
    if (!columns.has('checkpoint'))
      throw new UsageError(
        'the database holds no checkpoints of LangGraph where this user looks: in another schema they are found with ?options=-csearch_path%3DSCHEMA in the URL',
      );
    if (!columns.has('checkpoint_id'))
      throw new UsageError(
        'the checkpoints are those of a ShallowPostgresSaver, which keeps no history and has other tables: copy them with LangGraph itself',
      );
    const checkpoints = new PostgresCheckpoints(client, await columnsOf('checkpoint_writes'));
    return { checkpoints, sessions: undefined, close: () => client.end() };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Only who reads PostgreSQL needs its driver, so it is an optional dependency. */
async function postgresDriver(): Promise<Pick<typeof Driver, 'Client'>> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      throw new UsageError(
        'reading PostgreSQL takes the package pg, which is not installed: npm install pg, or npx -p hyperloom -p pg hyperloom import …',
      );
    throw error;
  }
}

/** What a driver says as an error of the command: the database is what was wrong. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || !isOfDatabase(error)) return error;
  const told = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message;
  return new UsageError(`the database cannot be read: ${told}`);
}

function isOfDatabase(error: Error): boolean {
  if (error instanceof AggregateError)
    return error.errors.every((each) => each instanceof Error && isOfDatabase(each));
  const code = 'code' in error ? String(error.code) : '';
  const isOfConnection =
    'syscall' in error && ['connect', 'read', 'write', 'getaddrinfo'].includes(String(error.syscall));
  // The driver's own class is not known without loading it; `severity` is what the server has said.
  return (
    code === 'ERR_SQLITE_ERROR' ||
    'severity' in error ||
    isOfConnection ||
    error.message.startsWith('Connection terminated')
  );
}

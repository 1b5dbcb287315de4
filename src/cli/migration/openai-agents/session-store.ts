/** Sessions in a SQLite file, as the OpenAI Agents SDK for Python lays them out. */
import type { DatabaseSync } from 'node:sqlite';

/** A session, and how many items it has. */
export interface SavedSession {
  readonly id: string;
  readonly count: number;
}

/** Columns that the table of items has, whatever it is called: the SDK lets its users choose. */
const itemColumns = ['id', 'session_id', 'message_data'];

/** The table of items, if there is one. */
export function itemsTable(
  tables: readonly string[],
  columnsOf: (table: string) => ReadonlySet<string>,
): string | undefined {
  return tables.find((table) => itemColumns.every((name) => columnsOf(table).has(name)));
}

/** Whether sessions have branches (`AdvancedSQLiteSession`): of these the one named `main` is read. */
export function hasBranches(columnsOf: (table: string) => ReadonlySet<string>): boolean {
  const columns = columnsOf('message_structure');
  return ['message_id', 'branch_id', 'sequence_number'].every((name) => columns.has(name));
}

export class SqliteSessions {
  readonly #database: DatabaseSync;
  readonly #from: string;
  readonly #order: string;

  constructor(database: DatabaseSync, table: string, isBranched: boolean) {
    this.#database = database;
    this.#order = isBranched ? 'place.sequence_number' : 'item.id';
    const items = `"${table.replaceAll('"', '""')}" AS item`;
    this.#from = isBranched
      ? `${items} JOIN message_structure AS place ON place.message_id = item.id
         AND place.session_id = item.session_id AND place.branch_id = 'main'`
      : items;
  }

  sessions(): readonly SavedSession[] {
    const query = `SELECT item.session_id AS id, count(*) AS count FROM ${this.#from} GROUP BY item.session_id ORDER BY item.session_id`;
    return this.#database.prepare(query).all() as unknown as readonly SavedSession[];
  }

  /** The items of a session, each as JSON text, oldest first; what is no JSON object is left out, as the SDK does, and counted. */
  items(id: string): { readonly items: readonly string[]; readonly leftOut: number } {
    const query = `SELECT item.message_data AS json FROM ${this.#from} WHERE item.session_id = ? ORDER BY ${this.#order}`;
    const rows = this.#database.prepare(query).all(id) as unknown as readonly { json: string }[];
    const items = rows.map(({ json }) => json).filter(isObject);
    return { items, leftOut: rows.length - items.length };
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Node's own SQLite in the shape of `better-sqlite3`, as far as LangGraph's saver uses that: it needs no compiler. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';

/** LangGraph's saver on a file. */
export class FileSaver extends SqliteSaver implements Disposable {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    const database = new DatabaseSync(file);
    const shaped = {
      prepare: (query: string) => statement(database.prepare(query)),
      exec: (statements: string) => database.exec(statements),
      pragma: (text: string) => database.prepare(`PRAGMA ${text}`).all(),
      transaction:
        <Arguments extends readonly unknown[]>(work: (...values: Arguments) => void) =>
        (...values: Arguments): void => {
          database.exec('BEGIN');
          work(...values);
          database.exec('COMMIT');
        },
    };
    super(shaped);
    this.#database = database;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** `better-sqlite3` takes `undefined` for NULL. */
function statement(prepared: StatementSync): Pick<StatementSync, 'all' | 'get' | 'run'> {
  const bound = (values: readonly unknown[]): SQLInputValue[] =>
    values.map((value) => (value ?? null) as SQLInputValue);
  return {
    all: (...values: unknown[]) => prepared.all(...bound(values)),
    get: (...values: unknown[]) => prepared.get(...bound(values)),
    run: (...values: unknown[]) => prepared.run(...bound(values)),
  };
}

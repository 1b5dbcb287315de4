/** Where a command's results go: lines for people on a terminal, a JSON object a line for programs. */
import type { Writable } from 'node:stream';

import { stringifyJson } from '../../../clients/typescript/src/index.ts';
import { OutputClosed } from '../failure.ts';
import type { JsonRecord } from './records.ts';
import { styleFor, type Style } from './style.ts';
import { tableLines, type Column } from './table.ts';
import { grouped, visible } from './text.ts';

/** What an output needs. */
export interface OutputOptions {
  readonly stdout: Writable;
  /** For what is no result. */
  readonly stderr: Writable;
  /** JSON lines instead of texts for people. */
  readonly json: boolean;
  readonly hasColors: boolean;
  readonly columns: number;
}

export class Output {
  readonly json: boolean;
  readonly columns: number;
  readonly style: Style;
  readonly #stdout: Writable;
  readonly #stderr: Writable;
  readonly #closed = new AbortController();
  #failure: Error | undefined;

  constructor({ stdout, stderr, json, hasColors, columns }: OutputOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.json = json;
    this.columns = columns;
    this.style = styleFor(hasColors && !json);
    // Stays to the end: a closed pipe is often noticed only after the last write.
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.closed.aborted && error.code !== 'EPIPE') this.#failure = error;
      this.#closed.abort();
    });
  }

  /** Aborts when the reader of a pipe has gone away, or nothing more can be written. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Throws what kept something from being written, as a full disk does, if anything did. What was written last may still be on its way. */
  async finish(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes as it is, and waits while the reader is slow. Throws {@link OutputClosed} once it has gone away. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.closed.aborted) throw new OutputClosed();
    if (this.#stdout.write(data)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#stdout.off('drain', go);
        this.closed.removeEventListener('abort', go);
        resolve();
      };
      this.#stdout.on('drain', go);
      this.closed.addEventListener('abort', go);
    });
  }

  /** Writes lines for people. */
  line(...lines: readonly string[]): Promise<void> {
    return this.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Says that there was more than `limit`: to programs beside their lines, so that nobody takes a part for the whole. */
  async cut(limit: number): Promise<void> {
    const text = `only the first ${grouped(limit)}: see --limit`;
    if (this.json) this.#stderr.write(`${text}\n`);
    else await this.line(this.style.dim(text));
  }

  /** Writes one JSON line. What a terminal would act on is escaped in it, which is the same JSON, wherever it goes. */
  record(record: JsonRecord): Promise<void> {
    return this.write(`${visible(stringifyJson(record))}\n`);
  }

  /** One result: the text for people, or the record for programs. */
  result(record: JsonRecord, text: () => string): Promise<void> {
    return this.json ? this.record(record) : this.line(text());
  }

  /** Many results: a table for people, or a JSON line for each. Says so where there are none. */
  async rows<Row>(
    rows: readonly Row[],
    columns: readonly Column<Row>[],
    record: (row: Row) => JsonRecord,
    none: string,
  ): Promise<void> {
    if (this.json) for (const row of rows) await this.record(record(row));
    else if (rows.length === 0) await this.line(this.style.dim(none));
    else await this.line(...tableLines(columns, rows, this.style, this.columns));
  }
}

/**
 * Files that lie beside a forest's journal and belong to others: what they hold can be made again from the journal, or is kept of what the
 * journal has given up. Nothing of the state depends on them.
 *
 * Rules for every back end: a file is written whole or is not there, also after a crash, and is never changed afterwards.
 */
export interface SideFiles {
  /** Names of complete files, sorted. */
  names(): Promise<readonly string[]>;
  /** Writes a file, in place of one of that name. `name` is made of small letters, digits, dots and hyphens. */
  write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Opens a file; `undefined` where it is not there. */
  open(name: string): Promise<SideFile | undefined>;
  /** Removes a file, if it is there. Whoever has it open reads on, or not. */
  remove(name: string): Promise<void>;
}

/** An open file. */
export interface SideFile {
  readonly bytes: number;
  /** `length` bytes from `offset` on, fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

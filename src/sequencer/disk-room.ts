/** Whether the disk has room for what clients want to write. Whoever has made some need tell nobody. */
import type { Command } from '../state/command.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';

/** A disk as it was looked at last. */
export interface DiskStatus {
  readonly freeBytes: number;
  /** Below this clients' writes are refused. */
  readonly freeBytesMin: number;
}

/** One for all forests of a broker, which share a disk. */
export class DiskRoom {
  #low: DiskStatus | null = null;

  /** The disk was looked at. */
  note(status: DiskStatus): void {
    this.#low = status.freeBytes < status.freeBytesMin ? status : null;
  }

  /** Why nothing is to be written, or `null`. `lacksRoom`: the journal itself waits for it. */
  refusal(lacksRoom: boolean): Rejection | null {
    if (this.#low === null) return lacksRoom ? noRoom('the disk is full', {}) : null;
    const { freeBytes, freeBytesMin } = this.#low;
    const metadata = { free_bytes: freeBytes, free_bytes_min: freeBytesMin };
    return noRoom(`the disk has ${freeBytes} bytes left, of which ${freeBytesMin} are kept free`, metadata);
  }
}

function noRoom(what: string, metadata: Readonly<Record<string, number>>): Rejection {
  const message = `${what}: nothing was written, and reads go on. Make room on it; writes are taken again within seconds`;
  return reject('DISK_FULL', message, metadata);
}

/** What a full disk does not keep anybody from: it ends something, in a few bytes, or frees the disk. */
export function makesRoom({ kind }: Command): boolean {
  return ends.has(kind);
}

const ends: ReadonlySet<Command['kind']> = new Set([
  'compact',
  'rewind_ghost',
  'revert_ghost',
  'expire_ghost',
  'end_lease',
  'expire_lease',
  'release_lock',
  'end_lock_delay',
]);

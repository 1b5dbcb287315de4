/**
 * What a replica keeps of an agreed log: each command with what came of it, for history, catch-up and past revisions. All of it follows from the
 * log and can be made again, so nobody waits for the disk: an entry counts as durable when what the log said has been applied.
 */
import type { Durability, Journal, JournalEntry, JournalFailure, SnapshotInfo } from './journal.ts';
import type { SideFiles } from './side-files.ts';

export class AgreedRecords implements Journal {
  readonly #kept: Journal;
  #agreedPosition: number;
  #listener: (position: number) => void = () => undefined;
  #waiting: (() => void)[] = [];

  constructor(kept: Journal) {
    this.#kept = kept;
    this.#agreedPosition = kept.lastPosition;
  }

  get firstPosition(): number {
    return this.#kept.firstPosition;
  }

  get lastPosition(): number {
    return this.#kept.lastPosition;
  }

  get durablePosition(): number {
    return this.#agreedPosition;
  }

  get storedBytes(): number {
    return this.#kept.storedBytes;
  }

  storedBytesWith(payloadBytes: number): number {
    return this.#kept.storedBytesWith(payloadBytes);
  }

  get lacksRoom(): boolean {
    return this.#kept.lacksRoom;
  }

  get beside(): SideFiles {
    return this.#kept.beside;
  }

  append(payload: Uint8Array, _durability: Durability): number {
    return this.#kept.append(payload, 'lazy');
  }

  /** All that was appended is what the log says: it may be told. */
  agree(): void {
    const { lastPosition } = this.#kept;
    if (lastPosition > this.#agreedPosition) {
      this.#agreedPosition = lastPosition;
      this.#listener(lastPosition);
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  onDurable(listener: (position: number) => void): void {
    this.#listener = listener;
  }

  onFailure(listener: (failure: JournalFailure) => void): void {
    this.#kept.onFailure(listener);
  }

  flush(): Promise<void> {
    if (this.#agreedPosition === this.#kept.lastPosition) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  read(from: number, to: number): AsyncIterable<readonly JournalEntry[]> {
    return this.#kept.read(from, to);
  }

  saveSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    return this.#kept.saveSnapshot(position, chunks);
  }

  snapshots(): readonly SnapshotInfo[] {
    return this.#kept.snapshots();
  }

  readSnapshot(position: number): AsyncIterable<Uint8Array> {
    return this.#kept.readSnapshot(position);
  }

  releaseBefore(position: number): Promise<void> {
    return this.#kept.releaseBefore(position);
  }

  stopWaiting(): void {
    this.#kept.stopWaiting();
  }

  close(): Promise<void> {
    return this.#kept.close();
  }
}

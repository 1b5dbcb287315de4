/**
 * Files that are read again when they change. They are looked at every so often: notifications of file systems get lost over mounts,
 * and a secret in Kubernetes is a link that is turned.
 */
import { stat } from 'node:fs/promises';
import { filesCheckMs } from '../base/limits.ts';
import type { Clock, Timer } from '../base/clock.ts';

export interface WatchedFilesOptions {
  readonly clock: Clock;
  /** Files as of now. */
  readonly files: () => readonly string[];
  /** Reads them. What it throws is told, and tried again with the next change. */
  readonly reload: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  #seen = '';
  #timer: Timer | undefined;
  #isClosed = false;

  private constructor(options: WatchedFilesOptions) {
    this.#options = options;
  }

  /** Begins to watch: what changes from now on is read again. Read the files for the first time afterwards, so that no change is missed. */
  static async start(options: WatchedFilesOptions): Promise<WatchedFiles> {
    const watched = new WatchedFiles(options);
    watched.#seen = await watched.#look();
    watched.#schedule();
    return watched;
  }

  /** Looks now. Resolves when what changed was read. */
  async check(): Promise<void> {
    const now = await this.#look();
    if (now === this.#seen || this.#isClosed) return;
    this.#seen = now;
    try {
      await this.#options.reload();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(filesCheckMs, () => {
      void this.check().finally(() => {
        if (!this.#isClosed) this.#schedule();
      });
    });
  }

  async #look(): Promise<string> {
    const looks = this.#options.files().map(async (file) => {
      try {
        const { ino, mtimeMs, size } = await stat(file);
        return `${file} ${ino} ${mtimeMs} ${size}`;
      } catch {
        return `${file} missing`;
      }
    });
    return (await Promise.all(looks)).join('\n');
  }
}

/** A disk of a machine's own, in memory, that can be full: so full that not a page more fits. What Linux does then is the real thing. */
import { execFile } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Room for what a run of minutes writes. */
const size = '2g';

export class Disk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async mount(folder: string): Promise<Disk> {
    mkdirSync(folder, { recursive: true });
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'hyperloom', folder]);
    return new Disk(folder);
  }

  /** From now on it has no room. */
  async fill(): Promise<void> {
    for (;;) {
      const { blocks, bfree, bsize } = statfsSync(this.folder);
      // Somebody may write in between; then it is larger than that already.
      const isFull = await this.#resize(String((blocks - bfree + 1) * bsize)).then(
        () => true,
        () => false,
      );
      if (isFull) return;
    }
  }

  async empty(): Promise<void> {
    await this.#resize(size);
  }

  async unmount(): Promise<void> {
    await execute('umount', ['--lazy', this.folder]);
  }

  async #resize(to: string): Promise<void> {
    await execute('mount', ['-o', `remount,size=${to}`, this.folder]);
  }
}

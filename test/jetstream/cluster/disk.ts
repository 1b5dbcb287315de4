/** A disk of a machine's own, in memory, that can be full: so full that not a page more fits. What Linux does then is the real thing. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What mounts are called; then comes the process of the run. */
const sourcePrefix = 'hyperloom-run-';

/** Room for what a run of minutes writes. */
const size = '2g';

export class Disk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Takes away what runs have left behind that were killed. */
  static async sweep(isGone: (pid: number) => boolean): Promise<void> {
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
      const [source = '', folder = ''] = line.split(' ');
      const owner = Number(new RegExp(`^${sourcePrefix}(\\d+)$`).exec(source)?.[1]);
      if (!Number.isNaN(owner) && isGone(owner)) await execute('umount', ['--lazy', unescaped(folder)]);
    }
  }

  static async mount(folder: string): Promise<Disk> {
    mkdirSync(folder, { recursive: true });
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${size}`, `${sourcePrefix}${process.pid}`, folder]);
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

/** Linux writes what would end a field as a backslash and three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

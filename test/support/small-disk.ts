/** A small disk of its own: a file system in memory, in a namespace that needs no rights on the machine. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const fillStepBytes = 64 * 1024;

export class SmallDisk {
  readonly #keeper: ChildProcess;
  readonly #mountPoint: string;

  private constructor(keeper: ChildProcess, mountPoint: string) {
    this.#keeper = keeper;
    this.#mountPoint = mountPoint;
  }

  /** Mounts so many bytes at a folder, for those who are started with `prefix`; a string where the machine does not allow it. */
  static async mount(mountPoint: string, bytes: number): Promise<SmallDisk | string> {
    const script = 'mount -t tmpfs -o "size=$2" tmpfs "$1" && echo mounted && exec cat';
    const keeper = spawn(
      'unshare',
      ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', mountPoint, String(bytes)],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let errors = '';
    keeper.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    return new Promise((resolve) => {
      keeper.once('error', (error) => resolve(error.message));
      keeper.once('exit', (code) => resolve(`unshare ended with ${code}: ${errors.trim()}`));
      createInterface(keeper.stdout).once('line', () => resolve(new SmallDisk(keeper, mountPoint)));
    });
  }

  /** What starts a program that sees the disk. */
  get prefix(): readonly string[] {
    return ['nsenter', '--target', String(this.#keeper.pid), '--user', '--mount', '--preserve-credentials'];
  }

  /** Takes all the room there is, but for so many bytes. */
  async fill(leftBytes = 0): Promise<void> {
    const file = await open(this.#filler, 'w');
    let bytes = 0;
    try {
      for (;;) bytes += (await file.write(new Uint8Array(fillStepBytes))).bytesWritten;
    } catch {
      await file.truncate(Math.max(0, bytes - leftBytes));
    } finally {
      await file.close();
    }
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  async unmount(): Promise<void> {
    const ended = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await ended;
  }

  get #filler(): string {
    return `/proc/${this.#keeper.pid}/root${this.#mountPoint}/filler`;
  }
}

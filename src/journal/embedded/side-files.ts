/**
 * `beside/` in a forest's folder, made with the first file. A file is written under a name that does not count, synced, and renamed.
 */
import type { SideFile, SideFiles } from '../side-files.ts';
import { errorCode, readBytes, temporarySuffix, unlinkIfThere } from './file-system.ts';
import type { FileSystem } from './file-system.ts';
import { SteppedFile } from './stepped-file.ts';

export class EmbeddedSideFiles implements SideFiles {
  readonly #fileSystem: FileSystem;
  readonly #parent: string;
  readonly #folder: string;
  /** Whoever made the folder, a try or a process before, may not have come to the sync: a power loss would take it with all in it. */
  #isFolderDurable = false;

  /** `parent` is the forest's folder. */
  constructor(fileSystem: FileSystem, parent: string) {
    this.#fileSystem = fileSystem;
    this.#parent = parent;
    this.#folder = `${parent}/beside`;
  }

  async names(): Promise<readonly string[]> {
    if ((await this.#fileSystem.stat(this.#folder)) === undefined) return [];
    const names = await this.#fileSystem.readdir(this.#folder);
    return names.filter((name) => !name.endsWith(temporarySuffix));
  }

  async write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#makeFolder();
    const path = `${this.#folder}/${name}`;
    const temporary = `${path}${temporarySuffix}`;
    await unlinkIfThere(this.#fileSystem, temporary);
    const file = await this.#fileSystem.open(temporary, 'create');
    try {
      const output = new SteppedFile(file);
      for await (const chunk of chunks) await output.append(chunk);
      await output.finish();
    } finally {
      await file.close();
    }
    await this.#fileSystem.rename(temporary, path);
    await this.#fileSystem.syncDirectory(this.#folder);
  }

  async #makeFolder(): Promise<void> {
    if (this.#isFolderDurable) return;
    await this.#fileSystem.mkdir(this.#folder);
    await this.#fileSystem.syncDirectory(this.#parent);
    this.#isFolderDurable = true;
  }

  async open(name: string): Promise<SideFile | undefined> {
    const path = `${this.#folder}/${name}`;
    const status = await this.#fileSystem.stat(path);
    if (status === undefined) return undefined;
    try {
      const file = await this.#fileSystem.open(path, 'read');
      const { bytes } = status;
      return { bytes, read: (offset, length) => readBytes(file, offset, length), close: () => file.close() };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  remove(name: string): Promise<void> {
    return unlinkIfThere(this.#fileSystem, `${this.#folder}/${name}`);
  }
}

/** A forest in a data folder that no broker works on, to be moved from there. */
import { systemClock } from '../base/clock.ts';
import { Stopped } from '../cli/failure.ts';
import { checkFormat, DataFolder } from '../journal/embedded/data-folder.ts';
import { nodeFileSystem } from '../journal/embedded/node-file-system.ts';
import { ForestRegistry } from '../sequencer/forest-registry.ts';
import { leavingWith, type Leaving } from './leaving.ts';
import type { Source } from './source.ts';

export class FolderSource implements Source {
  readonly movedTo: string | null;
  readonly #folder: DataFolder;
  readonly #forest: string;

  private constructor(folder: DataFolder, forest: string, movedTo: string | null) {
    this.#folder = folder;
    this.#forest = forest;
    this.movedTo = movedTo;
  }

  /** Keeps brokers out of the folder until it is closed. Throws `DataFolderInUse` where one is in it. */
  static async open(path: string, forest: string): Promise<FolderSource> {
    // A folder that is not there must not be made.
    await checkFormat(nodeFileSystem, path);
    const folder = await DataFolder.open(path);
    try {
      const forests = await folder.listForests();
      const movedTo = forests.includes(forest) ? null : ((await folder.movedForests()).get(forest) ?? null);
      if (!forests.includes(forest) && movedTo === null)
        throw new Stopped('not_found', `${path} has no forest ${forest}; it has ${forests.join(', ')}`);
      const { openChange } = await ForestRegistry.open(await folder.openRegistry(), systemClock);
      if (openChange?.forest === forest)
        throw new Stopped(
          'state',
          `the forest ${forest} was being made or deleted when its broker ended: start one on ${path} once, which finishes that`,
        );
      return new FolderSource(folder, forest, movedTo);
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  async read(): Promise<Leaving> {
    // A move that was cut short begins anew.
    if (this.movedTo !== null) await this.#folder.putBack(this.#forest);
    return leavingWith(await this.#folder.openForest(this.#forest));
  }

  setAside(to: string): Promise<void> {
    return this.#folder.setAside(this.#forest, to);
  }

  putBack(): Promise<void> {
    return this.#folder.putBack(this.#forest);
  }

  remove(): Promise<void> {
    return this.#folder.removeMoved(this.#forest);
  }

  close(): Promise<void> {
    return this.#folder.close();
  }
}

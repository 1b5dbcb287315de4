/** A data folder that a forest is moved to. It is made whole under a name that does not count, and then gets its own. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { assert } from '../base/assert.ts';
import { DataFolder } from '../journal/embedded/data-folder.ts';
import { encodeInSlices } from '../sequencer/snapshots.ts';
import { systemClock } from '../base/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { differs, type Destination } from './destination.ts';
import { hashBehind, openRetained, piecesOf, type Leaving, type OnBytes } from './leaving.ts';

/** What may wait for the disk at a time. */
const unflushedBytesMax = 4 * 1024 * 1024;

export class FolderDestination implements Destination {
  readonly #folder: DataFolder;
  readonly #forest: string;
  /** A forest of that name is there, and nothing was ever done in it. */
  #hasEmpty = false;

  private constructor(folder: DataFolder, forest: string) {
    this.#folder = folder;
    this.#forest = forest;
  }

  /** Makes the folder where it is missing, and keeps brokers out of it. Throws `DataFolderInUse` where one is in it. */
  static async open(path: string, forest: string): Promise<FolderDestination> {
    await mkdir(dirname(path), { recursive: true });
    return new FolderDestination(await DataFolder.open(path), forest);
  }

  async hasForest(): Promise<boolean> {
    if (!(await this.#folder.listForests()).includes(this.#forest)) return false;
    const journal = await this.#folder.openForest(this.#forest);
    this.#hasEmpty = journal.lastPosition === 0 && journal.snapshots().length === 0;
    await this.#folder.closeForest(this.#forest);
    return !this.#hasEmpty;
  }

  async take(leaving: Leaving, setAside: () => Promise<void>, onBytes: OnBytes): Promise<void> {
    const { base, stateHash } = leaving;
    if (this.#hasEmpty) await this.#folder.deleteForest(this.#forest);
    await this.#folder.createForest(this.#forest, base, async (journal) => {
      await copy(leaving, journal, onBytes);
      const found = await hashBehind(journal);
      if (found !== stateHash) throw differs(this.#forest, stateHash, found);
      await setAside();
    });
    await this.#folder.removeMoved(this.#forest);
  }

  close(): Promise<void> {
    return this.#folder.close();
  }
}

async function copy({ journal: from, state }: Leaving, to: Journal, onBytes: OnBytes): Promise<void> {
  const retained = await openRetained(from);
  if (retained !== null)
    try {
      await to.beside.write(retained.name, piecesOf(retained.file));
    } finally {
      await retained.file.close();
    }
  let waiting = 0;
  for await (const batch of from.read(to.lastPosition + 1, from.lastPosition))
    for (const { position, payload } of batch) {
      const at = to.append(payload, 'lazy');
      assert(at === position, 'positions stay what they were');
      onBytes(payload.length);
      waiting += payload.length;
      if (waiting < unflushedBytesMax) continue;
      await to.flush();
      waiting = 0;
    }
  await to.flush();
  const { position } = state;
  if (to.snapshots().at(-1)?.position !== position)
    await to.saveSnapshot(position, encodeInSlices(state, systemClock));
}

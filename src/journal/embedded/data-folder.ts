/**
 * The data folder of a broker.
 *
 *   FORMAT               "hyperloom data folder\nversion 1\n"
 *   LOCK                 held by the one broker that works on the folder
 *   forests/NAME/        one journal each: segments/ and snapshots/
 *   registry/            a journal too: what came of requests that make or delete forests
 *   forests/NAME.making, forests/NAME.deleting     on the way in or out; finished or dropped at the next start
 *   forests/NAME.moved/  what is kept of a forest that was moved elsewhere (`moved-forests.ts`)
 */
import { dirname } from 'node:path';
import { JournalDamage, type Journal, type JournalBase } from '../journal.ts';
import {
  errorCode,
  readBytes,
  removeTree,
  temporarySuffix,
  writeFully,
  type FileLock,
  type FileSystem,
} from './file-system.ts';
import { createEmbeddedJournal, openEmbeddedJournal, type EmbeddedJournalOptions } from './journal.ts';
import { movedForests, putBack, removeMoved, setAside } from './moved-forests.ts';
import { nodeFileSystem } from './node-file-system.ts';

/** Another broker works on the data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

const formatFirstLine = 'hyperloom data folder';
const formatVersion = 1;
const makingSuffix = '.making';
const deletingSuffix = '.deleting';

/** True for what may name a forest. It names a folder, so it is short, lower case and free of dots and slashes. */
export function isForestName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name);
}

export class DataFolder {
  readonly #path: string;
  readonly #fileSystem: FileSystem;
  readonly #options: EmbeddedJournalOptions;
  readonly #lock: FileLock;
  readonly #open = new Map<string, Journal>();
  #registry: Journal | null = null;
  /** Forests come and go one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, options: EmbeddedJournalOptions, lock: FileLock) {
    this.#path = path;
    this.#options = options;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.#lock = lock;
  }

  /**
   * Takes the folder at `path`, made if it is missing (its parent must exist). Throws {@link DataFolderInUse}, or
   * {@link JournalDamage} for a folder that is not ours or of a newer version.
   */
  static async open(path: string, options: EmbeddedJournalOptions = {}): Promise<DataFolder> {
    const fileSystem = options.fileSystem ?? nodeFileSystem;
    await refuseForeign(fileSystem, path);
    await fileSystem.mkdir(path);
    await syncParent(fileSystem, path);
    const lock = await fileSystem.lock(`${path}/LOCK`);
    if (lock === undefined) {
      throw new DataFolderInUse(`another broker works on ${path}: stop it first, or choose another folder`);
    }
    try {
      await writeOrCheckFormat(fileSystem, path);
      await fileSystem.mkdir(`${path}/forests`);
      await fileSystem.syncDirectory(path);
      const folder = new DataFolder(path, options, lock);
      await folder.#finishInterrupted();
      return folder;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Bytes that are free on its disk. */
  freeBytes(): Promise<number> {
    return this.#fileSystem.freeBytes(this.#path);
  }

  /** Names of all forests, sorted. */
  async listForests(): Promise<readonly string[]> {
    return (await this.#fileSystem.readdir(this.#forests)).filter(isForestName);
  }

  /**
   * Makes a forest that is empty, or begins behind `base`: after a crash it is there whole or not at all. It must not exist. `fill` puts more into its
   * journal before it counts.
   */
  createForest(
    name: string,
    base: JournalBase | null = null,
    fill?: (journal: Journal) => Promise<void>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      await this.#refuseUnless(name, 'missing');
      const making = `${this.#forest(name)}${makingSuffix}`;
      // What an earlier attempt left when the disk was full.
      if ((await this.#fileSystem.stat(making)) !== undefined) await removeTree(this.#fileSystem, making);
      await createEmbeddedJournal(making, this.#options, base);
      if (fill !== undefined) {
        const journal = await openEmbeddedJournal(making, this.#options);
        try {
          await fill(journal);
        } finally {
          await journal.close();
        }
      }
      await this.#fileSystem.rename(making, this.#forest(name));
      await this.#fileSystem.syncDirectory(this.#forests);
    });
  }

  /** Opens a forest's journal. It must exist and not be open; it counts as open until it is closed. */
  openForest(name: string): Promise<Journal> {
    return this.#inTurn(async () => {
      await this.#refuseUnless(name, 'there');
      if (this.#open.has(name)) throw new RangeError(`the forest "${name}" is open already`);
      const journal = await openEmbeddedJournal(this.#forest(name), this.#options);
      this.#open.set(name, journal);
      return journal;
    });
  }

  /** Deletes a forest with everything in it, closing its journal first: after a crash it is there whole or not at all. */
  deleteForest(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#refuseUnless(name, 'there');
      await this.#closeForest(name);
      const deleting = `${this.#forest(name)}${deletingSuffix}`;
      if ((await this.#fileSystem.stat(deleting)) !== undefined) await removeTree(this.#fileSystem, deleting);
      await this.#fileSystem.rename(this.#forest(name), deleting);
      await this.#fileSystem.syncDirectory(this.#forests);
      await removeTree(this.#fileSystem, deleting);
    });
  }

  /** Where forests that were moved elsewhere went to, by name. */
  movedForests(): Promise<ReadonlyMap<string, string>> {
    return movedForests(this.#fileSystem, this.#forests);
  }

  /** Marks a forest as moved to a place, and keeps what is there: no broker opens it any more. Closes its journal first. */
  setAside(name: string, to: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#refuseUnless(name, 'there');
      await this.#closeForest(name);
      await setAside(this.#fileSystem, this.#forests, name, to);
    });
  }

  /** Makes a forest of a moved one again. It must not exist beside that. */
  putBack(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#refuseUnless(name, 'missing');
      await putBack(this.#fileSystem, this.#forests, name);
    });
  }

  /** Removes what is kept of a moved forest. */
  removeMoved(name: string): Promise<void> {
    return this.#inTurn(() => removeMoved(this.#fileSystem, this.#forests, name));
  }

  /** Opens the registry of forests, made if it is missing. It must not be open. */
  openRegistry(): Promise<Journal> {
    return this.#inTurn(async () => {
      const path = `${this.#path}/registry`;
      if (this.#registry !== null) throw new RangeError('the registry of forests is open already');
      if ((await this.#fileSystem.stat(path)) === undefined) {
        await createEmbeddedJournal(`${path}${makingSuffix}`, this.#options);
        await this.#fileSystem.rename(`${path}${makingSuffix}`, path);
        await this.#fileSystem.syncDirectory(this.#path);
      }
      this.#registry = await openEmbeddedJournal(path, this.#options);
      return this.#registry;
    });
  }

  /** Closes the journal of one forest, if it is open. A journal that failed before lets go of its files all the same. */
  closeForest(name: string): Promise<void> {
    return this.#inTurn(() => this.#closeForest(name));
  }

  /** Closes all journals and lets another broker take the folder. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of this.#open.keys()) await this.#closeForest(name);
      // Everything in it that anybody was told is durable.
      await this.#registry?.close().catch(() => undefined);
      this.#registry = null;
      await this.#lock.release();
    });
  }

  async #closeForest(name: string): Promise<void> {
    const journal = this.#open.get(name);
    this.#open.delete(name);
    // Why it could not be flushed was told to the journal's own listener.
    await journal?.close().catch(() => undefined);
  }

  async #finishInterrupted(): Promise<void> {
    const registry = `${this.#path}/registry${makingSuffix}`;
    if ((await this.#fileSystem.stat(registry)) !== undefined) await removeTree(this.#fileSystem, registry);
    await this.#fileSystem.syncDirectory(this.#forests);
    for (const name of await this.#fileSystem.readdir(this.#forests)) {
      if (!name.endsWith(makingSuffix) && !name.endsWith(deletingSuffix)) continue;
      await removeTree(this.#fileSystem, `${this.#forests}/${name}`);
    }
  }

  async #refuseUnless(name: string, expected: 'there' | 'missing'): Promise<void> {
    if (!isForestName(name)) throw new RangeError(`"${name}" cannot name a forest`);
    const actual = (await this.#fileSystem.stat(this.#forest(name))) === undefined ? 'missing' : 'there';
    if (actual !== expected) throw new RangeError(`the forest "${name}" is ${actual}`);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  get #forests(): string {
    return `${this.#path}/forests`;
  }

  #forest(name: string): string {
    return `${this.#forests}/${name}`;
  }
}

/** Refuses a folder that holds something else, before anything is written into it. */
async function refuseForeign(fileSystem: FileSystem, path: string): Promise<void> {
  const status = await fileSystem.stat(path);
  if (status === undefined) return;
  if (status.kind !== 'folder') throw new JournalDamage(`${path} is a file; name a folder for the data`);
  const names = await fileSystem.readdir(path);
  if (names.includes('FORMAT')) return;
  // A first start that a crash cut short leaves no more than these.
  const strange = names.find((name) => name !== 'LOCK' && !name.endsWith(temporarySuffix));
  if (strange !== undefined) {
    throw new JournalDamage(
      `${path} is neither empty nor a data folder (it holds "${strange}" and no FORMAT): choose another folder`,
    );
  }
}

/** Makes the folder's own name durable: without it a crash would take everything in it. */
async function syncParent(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(dirname(path));
  } catch (error) {
    // A parent that we may not even list was made, and filled, by somebody else.
    if (errorCode(error) !== 'EACCES') throw error;
  }
}

async function writeOrCheckFormat(fileSystem: FileSystem, path: string): Promise<void> {
  const formatPath = `${path}/FORMAT`;
  if ((await fileSystem.stat(formatPath)) === undefined) await writeFormat(fileSystem, path, formatPath);
  else await checkFormat(fileSystem, path);
}

/** Throws {@link JournalDamage} where the folder at `path` does not say that it is a data folder of a version that is known. */
export async function checkFormat(fileSystem: FileSystem, path: string): Promise<void> {
  const formatPath = `${path}/FORMAT`;
  const status = await fileSystem.stat(formatPath);
  if (status === undefined)
    throw new JournalDamage(
      `${path} is no data folder, or its file FORMAT is missing: restore it from a copy`,
    );
  const file = await fileSystem.open(formatPath, 'read');
  let text: string;
  try {
    text = new TextDecoder().decode(await readBytes(file, 0, Math.min(status.bytes, 1_024)));
  } finally {
    await file.close();
  }
  const [firstLine, secondLine] = text.split('\n');
  const version = /^version (\d+)$/.exec(secondLine ?? '')?.[1];
  if (firstLine !== formatFirstLine || version === undefined) {
    throw new JournalDamage(
      `${formatPath} is damaged or not ours: restore it from a backup, or choose another folder`,
    );
  }
  if (Number(version) !== formatVersion) {
    throw new JournalDamage(
      `${path} has format version ${version}, and this release reads version ${formatVersion}: start the release that wrote it`,
    );
  }
}

async function writeFormat(fileSystem: FileSystem, path: string, formatPath: string): Promise<void> {
  const temporary = `${formatPath}${temporarySuffix}`;
  if ((await fileSystem.stat(temporary)) !== undefined) await fileSystem.unlink(temporary);
  const file = await fileSystem.open(temporary, 'create');
  try {
    await writeFully(file, new TextEncoder().encode(`${formatFirstLine}\nversion ${formatVersion}\n`), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(temporary, formatPath);
  await fileSystem.syncDirectory(path);
}

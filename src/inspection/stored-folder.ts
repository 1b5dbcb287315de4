/** A data folder that no broker works on, looked at without changing anything in it. */
import { JournalDamage } from '../journal/journal.ts';
import { checkFormat, DataFolderInUse, isForestName } from '../journal/embedded/data-folder.ts';
import type { FileSystem } from '../journal/embedded/file-system.ts';
import {
  inspectJournal,
  type InspectedJournal,
  type InspectionOptions,
} from '../journal/embedded/inspection.ts';
import { StoredJournal } from '../journal/embedded/stored-journal.ts';

/** A journal in it. */
export interface StoredJournalFound {
  readonly inspected: InspectedJournal;
  readonly journal: StoredJournal;
}

/**
 * Keeps brokers out of the folder at `path` while `work` looks at it. Throws {@link DataFolderInUse} where one is in it, and
 * {@link JournalDamage} where it is no data folder that this version knows.
 */
export async function withStoredFolder<Result>(
  fileSystem: FileSystem,
  path: string,
  work: (folder: StoredFolder) => Promise<Result>,
): Promise<Result> {
  await checkFormat(fileSystem, path);
  // A copy of a folder need not have the file, and nothing is made in it.
  const hasLock = (await fileSystem.stat(`${path}/LOCK`)) !== undefined;
  const lock = hasLock ? await fileSystem.lock(`${path}/LOCK`) : null;
  if (lock === undefined)
    throw new DataFolderInUse(
      `a broker works on ${path}, whose files change all the time: stop it first, or look at a backup of its forests`,
    );
  try {
    return await work(new StoredFolder(fileSystem, path));
  } finally {
    await lock?.release();
  }
}

export class StoredFolder {
  readonly #fileSystem: FileSystem;
  readonly #path: string;

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.#path = path;
  }

  /** Names of its forests, sorted. */
  async forests(): Promise<readonly string[]> {
    const folder = `${this.#path}/forests`;
    if ((await this.#fileSystem.stat(folder)) === undefined)
      throw new JournalDamage(`${folder} is missing: restore it from a copy`);
    return (await this.#fileSystem.readdir(folder)).filter(isForestName);
  }

  /** Bytes of all journals, for those who show how far they have come. */
  async bytes(): Promise<number> {
    let total = 0;
    for (const folder of [...(await this.forests()).map((name) => this.#forest(name)), this.#registry])
      for (const part of ['segments', 'snapshots']) total += await this.#bytesIn(`${folder}/${part}`);
    return total;
  }

  forest(name: string, options: Omit<InspectionOptions, 'fileSystem'> = {}): Promise<StoredJournalFound> {
    return this.#open(this.#forest(name), options);
  }

  /** `null` where there is none, as in folders of early versions. */
  async registry(options: Omit<InspectionOptions, 'fileSystem'> = {}): Promise<StoredJournalFound | null> {
    if ((await this.#fileSystem.stat(this.#registry)) === undefined) return null;
    return this.#open(this.#registry, options);
  }

  async #open(folder: string, options: Omit<InspectionOptions, 'fileSystem'>): Promise<StoredJournalFound> {
    const inspected = await inspectJournal(folder, { ...options, fileSystem: this.#fileSystem });
    return { inspected, journal: new StoredJournal(this.#fileSystem, folder, inspected) };
  }

  async #bytesIn(folder: string): Promise<number> {
    if ((await this.#fileSystem.stat(folder)) === undefined) return 0;
    let total = 0;
    for (const name of await this.#fileSystem.readdir(folder))
      total += (await this.#fileSystem.stat(`${folder}/${name}`))?.bytes ?? 0;
    return total;
  }

  #forest(name: string): string {
    return `${this.#path}/forests/${name}`;
  }

  get #registry(): string {
    return `${this.#path}/registry`;
  }
}

/** The forests of a broker that shares them with others. For now that is the default forest alone. */
import type { AgreedLog } from '../../journal/agreed-log.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import { AgreedRecords } from '../../journal/agreed-records.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { Forest, Forests, ForestSettled } from '../forest.ts';
import { LiveForest } from '../live-forest.ts';
import type { LiveForestOptions } from '../live-forest.ts';
import { defaultForest } from '../local-forests.ts';
import type { JournalStore } from '../local-forests.ts';
import { startFromSnapshot } from './snapshot-start.ts';
import type { StartProgress } from './start-progress.ts';

export interface AgreedForestsOptions extends Omit<
  LiveForestOptions,
  'name' | 'journal' | 'agreed' | 'onWriteStop'
> {
  readonly log: AgreedLog;
  /** Where snapshots are shared. */
  readonly objects: AgreedObjects;
  readonly onProgress: (progress: StartProgress) => void;
  /** Told of what failed and will be tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Where this replica keeps what follows from the log. Whatever is there is thrown away at the start. */
  readonly store: JournalStore;
  readonly onWriteStop: (forest: string, reason: string) => void;
  readonly onFatal: (error: unknown) => void;
  /** Lets go of what the log stands on. */
  readonly onClose?: () => Promise<void>;
}

export class AgreedForests implements Forests {
  readonly #store: JournalStore;
  readonly #forest: LiveForest;

  readonly #onClose: () => Promise<void>;

  private constructor(store: JournalStore, forest: LiveForest, onClose: () => Promise<void>) {
    this.#store = store;
    this.#forest = forest;
    this.#onClose = onClose;
  }

  /** Makes the forest's state anew from its log. Resolves when this replica has seen all that is there. */
  static async open(options: AgreedForestsOptions): Promise<AgreedForests> {
    const { log, objects, store, onProgress, onFailure, onFatal, onWriteStop, onClose, ...common } = options;
    for (const name of await store.listForests()) await store.deleteForest(name);
    const start = { forest: defaultForest, log, objects, store, onProgress, onFailure };
    const { journal, shared } = await startFromSnapshot(start);
    const records = new AgreedRecords(journal);
    const forest = await LiveForest.open({
      ...common,
      name: defaultForest,
      journal: records,
      agreed: { log, records, objects, shared, onProgress, onFailure, onFatal },
      onWriteStop: (reason) => onWriteStop(defaultForest, reason),
    });
    return new AgreedForests(store, forest, onClose ?? (() => Promise.resolve()));
  }

  get(name: string): Forest | Rejection {
    if (name === '' || name === defaultForest) return this.#forest;
    return reject('FOREST_NOT_FOUND', `there is no forest ${name}`, { forest: name });
  }

  list(): Forest[] {
    return [this.#forest];
  }

  create(): Promise<ForestSettled> {
    return notYet();
  }

  delete(): Promise<ForestSettled> {
    return notYet();
  }

  restore(): Promise<ForestSettled> {
    return notYet();
  }

  async close(): Promise<void> {
    await this.#forest.close();
    await this.#onClose();
    await this.#store.close();
  }
}

/** Calls that would do it are refused before they come here. */
function notYet(): Promise<never> {
  return Promise.reject(new TypeError('forests on an agreed log do not come and go yet'));
}

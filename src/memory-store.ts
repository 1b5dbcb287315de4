/** Journals in memory, for tests and trials: everything is gone with the process. */
import { MemoryJournal } from './journal/memory/journal.ts';
import type { Journal, JournalBase } from './journal/journal.ts';
import type { JournalStore } from './sequencer/local-forests.ts';

export class MemoryStore implements JournalStore {
  readonly #journals = new Map<string, MemoryJournal>();
  readonly #registry = new MemoryJournal();

  async listForests(): Promise<readonly string[]> {
    return [...this.#journals.keys()].sort();
  }

  async createForest(name: string, base: JournalBase | null = null): Promise<void> {
    this.#journals.set(name, await MemoryJournal.behind(base));
  }

  async openForest(name: string): Promise<Journal> {
    const journal = this.#journals.get(name);
    if (journal === undefined) throw new RangeError(`the forest "${name}" is missing`);
    return journal;
  }

  /** What was in it is lost with the journal: only an empty one is ever closed to be opened again. */
  async closeForest(name: string): Promise<void> {
    this.#journals.set(name, new MemoryJournal());
  }

  async openRegistry(): Promise<Journal> {
    return this.#registry;
  }

  async deleteForest(name: string): Promise<void> {
    this.#journals.delete(name);
  }

  async close(): Promise<void> {
    this.#journals.clear();
  }
}

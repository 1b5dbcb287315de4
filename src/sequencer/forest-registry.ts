/**
 * Remembers what came of requests that make, delete or restore forests, in a journal of its own beside those of the forests:
 *
 *   change decided, durable → done → answer remembered, durable → told
 *
 * A crash before the first durable entry leaves nothing; one behind it leaves an open change, which the next start finishes
 * before anything else happens. Refusals are remembered as well: a repetition gets the outcome that it missed.
 */
import type { Clock } from '../base/clock.ts';
import { registryEntriesMax } from '../base/limits.ts';
import { decodeRegistryEntry, decodeRegistrySnapshot } from '../codec/registry.ts';
import { encodeRegistryEntry, encodeRegistrySnapshot } from '../codec/registry.ts';
import type { RegistryEntry } from '../codec/registry.ts';
import type { Journal } from '../journal/journal.ts';
import type { RequestKey } from '../state/command.ts';
import type { ForestChange, ForestOutcome } from '../state/forest-change.ts';
import { RequestTable, reusedId } from '../state/requests.ts';

export class ForestRegistry {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #answers = new RequestTable<ForestOutcome>();
  #openChange: ForestChange | null = null;
  #timeMs = 0;
  #shortenedAt = 0;

  private constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /**
   * Reads the journal. Throws `JournalDamage` or `CodecDamage` where it is not whole. `onWriteStop` is told, beside whoever
   * appends, when no forest can be made or deleted any more.
   */
  static async open(
    journal: Journal,
    clock: Clock,
    onWriteStop: (reason: string) => void = () => undefined,
  ): Promise<ForestRegistry> {
    const registry = new ForestRegistry(journal, clock);
    journal.onFailure(({ message }) => onWriteStop(message));
    const newest = journal.snapshots().at(-1)?.position ?? 0;
    if (newest > 0) await registry.#load(newest);
    for await (const batch of journal.read(newest + 1, journal.lastPosition)) {
      for (const { payload } of batch) registry.#take(decodeRegistryEntry(payload));
    }
    registry.#shortenedAt = newest;
    await registry.#shortenIfDue();
    return registry;
  }

  /** What was decided and is not done yet. */
  get openChange(): ForestChange | null {
    return this.#openChange;
  }

  /** What came of a request, or that its id stands for another one; `null` for a new one. */
  find({ id, fingerprint }: RequestKey): ForestOutcome | null {
    const known = this.#answers.find(id);
    if (known === undefined) return null;
    return known.fingerprint === fingerprint ? known.outcome : reusedId(id);
  }

  /** Decides a change: once this resolves, it will have happened whatever ends meanwhile. Throws `JournalFailure`. */
  decide(change: ForestChange): Promise<void> {
    return this.#write({ kind: 'change', change });
  }

  /** Remembers what came of a request. Throws `JournalFailure`. */
  answer(request: RequestKey, outcome: ForestOutcome): Promise<void> {
    this.#timeMs = Math.max(this.#timeMs, this.#clock.nowMs());
    return this.#write({ kind: 'answer', answer: { ...request, timeMs: this.#timeMs, outcome } });
  }

  /** Takes back the open change, of which nothing was done. Throws `JournalFailure`. */
  withdraw({ request }: ForestChange): Promise<void> {
    return this.#write({ kind: 'withdrawn', requestId: request.id });
  }

  async #write(entry: RegistryEntry): Promise<void> {
    this.#journal.append(encodeRegistryEntry(entry), 'sync');
    await this.#journal.flush();
    this.#take(entry);
    // What was written is safe; a snapshot that fails costs time at the next start only.
    await this.#shortenIfDue().catch(() => undefined);
  }

  #take(entry: RegistryEntry): void {
    if (entry.kind === 'change') {
      this.#openChange = entry.change;
      return;
    }
    const id = entry.kind === 'answer' ? entry.answer.id : entry.requestId;
    if (this.#openChange?.request.id === id) this.#openChange = null;
    if (entry.kind === 'withdrawn') return;
    this.#timeMs = Math.max(this.#timeMs, entry.answer.timeMs);
    this.#answers.remember(entry.answer);
  }

  async #load(position: number): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#journal.readSnapshot(position)) chunks.push(chunk.slice());
    const { answers, change } = decodeRegistrySnapshot(Buffer.concat(chunks));
    for (const answer of answers) this.#take({ kind: 'answer', answer });
    this.#openChange = change;
  }

  /** A snapshot takes the place of entries when they have become many. */
  async #shortenIfDue(): Promise<void> {
    const position = this.#journal.lastPosition;
    if (position - this.#shortenedAt < registryEntriesMax) return;
    this.#shortenedAt = position;
    const bytes = encodeRegistrySnapshot({ answers: this.#answers.list(), change: this.#openChange });
    await this.#journal.saveSnapshot(position, chunksOf(bytes));
    await this.#journal.releaseBefore(position);
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

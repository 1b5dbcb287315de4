/** Counts what one reader is sent, where the broker counts. */
import type { ForestMeters } from '../../meters/forest-meters.ts';
import { Reading } from '../../meters/portion.ts';
import type { Portion } from '../../meters/portion.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { checkAuthor } from '../checks.ts';
import { metered } from '../convert/metered.ts';
import type { TellValue } from '../convert/value-message.ts';

export class ReadMeter {
  readonly #meters: ForestMeters | null;
  readonly #author: string;
  readonly #reading = new Reading();

  /** Refuses a name that no agent may have. */
  constructor({ meters }: Forest, author: string) {
    this.#meters = meters;
    this.#author = checkAuthor(author);
  }

  /** Tells as `tell` does, and notes it; in a reading of its own for what several are sent. */
  noting(tell: TellValue, reading = this.#reading): TellValue {
    return this.#meters === null ? tell : metered(tell, reading);
  }

  /** Adds what was noted to the reader's meter. Call it once, when the answer is complete. */
  add(): void {
    this.give(this.#reading.portions);
  }

  /** Adds what is sent to several readers alike. */
  give(portions: readonly Portion[]): void {
    this.#meters?.read(this.#author, portions);
  }
}

/** Which format is in force in a log. It follows from the log alone, so all replicas agree on it at every entry. */
import type { FormatInForce, FormatWord } from '../../codec/agreed-format.ts';

export class LogFormat {
  #inForce: FormatInForce;

  constructor(inForce: FormatInForce = { format: 1, question: 0 }) {
    this.#inForce = inForce;
  }

  /** Another object whenever anything about it has changed. */
  get inForce(): FormatInForce {
    return this.#inForce;
  }

  /** Notes what an entry says. What comes too late says nothing. */
  onEntry(word: FormatWord | null, sequence: number): void {
    if (word === null) return;
    const { format, question } = this.#inForce;
    const isOpen = question !== 0;
    if (isOpen && word.raises === format + 1 && word.question === question)
      this.#inForce = { format: word.raises, question: 0 };
    else if (isOpen && word.knows !== 0 && word.knows <= format) this.#inForce = { format, question: 0 };
    else if (!isOpen && word.asks === format + 1) this.#inForce = { format, question: sequence };
  }
}

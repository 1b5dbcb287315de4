/**
 * What a replica says of formats, so that brokers of two versions work on one log while one after the other is brought up to the newer version:
 *
 *   who knows a format behind that in force asks for the next one … who does not know it objects, at once
 *                                                               … where nobody has for a while, whoever knows it raises the format
 *
 * Whoever follows a forest follows the log of forests too. So what that had in force when a forest was opened is known to everybody who may be there, and
 * in the forest's own log it is raised as soon as it was asked for.
 *
 * Nobody keeps a list of brokers: who shares the log reads the question, and one that was missed (it stood still, or was not there) stops where the
 * format was raised. So time decides who is waited for, and never what is true. An objection and a raise at once are decided by their order in the log.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { formatAskMs, formatSilenceMs } from '../../base/limits.ts';
import type { FormatInForce, FormatWord } from '../../codec/agreed-format.ts';
import { checkFormat } from '../../codec/agreed-format.ts';
import type { LogFormat } from './log-format.ts';

export interface FormatTurnsOptions {
  readonly format: LogFormat;
  /** The newest format that this broker knows. */
  readonly known: number;
  /** The newest format that all brokers are known to know from elsewhere. Default: 0, nothing is. */
  readonly knownByAll?: number | undefined;
  readonly clock: Clock;
  /** The next entry has something to say. */
  readonly schedule: () => void;
}

export class FormatTurns {
  readonly #options: FormatTurnsOptions;
  /** What was acted on. */
  #seen: FormatInForce | null = null;
  /** What the next entry says, and what must still be so then. */
  #next: { readonly word: FormatWord; readonly seen: FormatInForce } | null = null;
  #timer: Timer | null = null;

  constructor(options: FormatTurnsOptions) {
    this.#options = options;
  }

  get hasNews(): boolean {
    return this.#next !== null;
  }

  /** What the next entry says; `null`: nothing. */
  takeNews(): FormatWord | null {
    const next = this.#next;
    this.#next = null;
    return next?.seen === this.#options.format.inForce ? next.word : null;
  }

  /** This replica has seen all that was there at its start: it says what it has to without waiting for its time. */
  start(): void {
    const { known, format } = this.#options;
    const { format: inForce, question } = format.inForce;
    if (known > inForce && question === 0) this.#say({ asks: inForce + 1 });
  }

  /** Behind each entry, when {@link LogFormat} has noted it. Throws `NewerFormat` where this broker cannot go on. */
  onEntry(): void {
    const { format, known, knownByAll = 0 } = this.#options;
    const now = format.inForce;
    if (now === this.#seen) return;
    // Behind an objection it is waited, whatever is known.
    const isRaised = this.#seen !== null && now.format > this.#seen.format;
    this.#seen = now;
    this.#timer?.cancel();
    this.#timer = null;
    checkFormat(now.format, known);
    const next = now.format + 1;
    if (known >= next && now.question === 0)
      this.#sayAfter(isRaised && knownByAll >= next ? 0 : formatAskMs, { asks: next });
    else if (known >= next)
      this.#sayAfter(knownByAll >= next ? 0 : formatSilenceMs, { raises: next, question: now.question });
    else if (now.question !== 0) this.#say({ knows: known });
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #sayAfter(ms: number, word: Partial<FormatWord>): void {
    if (ms === 0) this.#say(word);
    else this.#timer = this.#options.clock.setTimer(ms, () => this.#say(word));
  }

  #say(word: Partial<FormatWord>): void {
    const { format, schedule } = this.#options;
    this.#next = { word: { ...silent, ...word }, seen: format.inForce };
    schedule();
  }
}

const silent: FormatWord = { asks: 0, knows: 0, raises: 0, question: 0 };

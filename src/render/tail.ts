/**
 * The end of a layout: what changed since its base, section by section. Sections are taken in as long as they fit; the first one that does
 * not, and all behind it, are left out, since a later correction means nothing without the ones before. So a longer tail begins with
 * every shorter one.
 */
import { renderTextBytesMax } from '../base/limits.ts';
import type { Counts } from './counts.ts';
import type { Origin, ShownChange, Writer } from './writer.ts';

/** What a tail has to go by. */
export interface TailOptions {
  readonly writer: Writer;
  readonly counts: Counts;
  /** Tokens that are left for it. */
  readonly tokensMax: number;
  /** Bytes that the beginning takes. */
  readonly baseBytes: number;
}

/** Where a section stands. */
export interface SectionPlace {
  readonly origin: Origin;
  /** The trunk revision, or the one that the ghost stands on. */
  readonly revision: number;
  /** The staged diff; 0 for all else. */
  readonly sequence: number;
}

/** A section that is in the text. */
export interface Section {
  readonly step: SectionPlace;
  readonly text: string;
  readonly tokens: number;
}

export class Tail {
  readonly #writer: Writer;
  readonly #counts: Counts;
  readonly #sections: Section[] = [];
  #tokensLeft: number;
  #bytesLeft: number;
  #isCut = false;
  #missed = 0;
  #missedBytes = 0;

  constructor({ writer, counts, tokensMax, baseBytes }: TailOptions) {
    this.#writer = writer;
    this.#counts = counts;
    const marker = writer.cut(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    this.#tokensLeft = tokensMax - counts.tokenizer.count(marker);
    this.#bytesLeft = renderTextBytesMax - baseBytes - marker.length;
  }

  /** Something did not fit: what comes now is left out as well. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Changes that were left out, and their bytes, about. */
  get missed(): { readonly changes: number; readonly bytes: number } {
    return { changes: this.#missed, bytes: this.#missedBytes };
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Adds the changes of one step; `bytes` is what they take, about. Returns whether there was room for them. */
  *add(step: SectionPlace, changes: readonly ShownChange[], bytes: number): Generator<void, boolean> {
    if (changes.length === 0) return true;
    const section = bytes > renderTextBytesMax ? null : yield* this.#fitting(step, changes);
    if (section === null) {
      this.miss(changes.length, bytes);
      return false;
    }
    this.#sections.push(section);
    this.#tokensLeft -= section.tokens;
    this.#bytesLeft -= Buffer.byteLength(section.text);
    return true;
  }

  /** Notes changes that are left out. */
  miss(changes: number, bytes: number): void {
    if (changes === 0) return;
    this.#isCut = true;
    this.#missed += changes;
    this.#missedBytes += bytes;
  }

  *#fitting(step: SectionPlace, changes: readonly ShownChange[]): Generator<void, Section | null> {
    const text = this.#writer.section(step.origin, changes);
    const { tokenizer } = this.#counts;
    const fits = text.length / tokenizer.tokenBytesMax <= this.#tokensLeft;
    if (!fits || Buffer.byteLength(text) > this.#bytesLeft) return null;
    const tokens = yield* this.#counts.steps(text);
    return tokens > this.#tokensLeft ? null : { step, text, tokens };
  }
}

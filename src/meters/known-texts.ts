/** Texts whose tokens were counted lately: what ten agents read is counted once. Bounded by the bytes of the texts. */
export class KnownTexts {
  readonly #textBytesMax: number;
  readonly #bytesMax: number;
  #young = new Map<string, number>();
  /** What was known before the young ones came. Forgotten as a whole, but for what was asked for since. */
  #old = new Map<string, number>();
  #youngBytes = 0;

  constructor(textBytesMax: number, bytesMax: number) {
    this.#textBytesMax = textBytesMax;
    this.#bytesMax = bytesMax;
  }

  find(text: string): number | undefined {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const older = this.#old.get(text);
    if (older !== undefined) this.keep(text, text.length, older);
    return older;
  }

  keep(text: string, bytes: number, tokens: number): void {
    if (bytes > this.#textBytesMax) return;
    this.#young.set(text, tokens);
    this.#youngBytes += bytes + entryBytes;
    if (this.#youngBytes * 2 <= this.#bytesMax) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}

/** What an entry takes beside its text. */
const entryBytes = 64;

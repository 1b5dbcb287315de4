/** What was said and is not yet stored: it is taken as one as soon as what came before is durable. */
import { recordedBytesMax } from './limits.ts';

export class ChunkQueue {
  readonly #chunks: string[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  add(chunk: string): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Everything that is there, or as much as goes into one diff; waits for the first. Empty: that was all. */
  async take(): Promise<readonly string[]> {
    while (this.#chunks.length === 0 && !this.#isEnded) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    let count = 0;
    let bytes = 0;
    for (const chunk of this.#chunks) {
      bytes += Buffer.byteLength(chunk) + 1;
      if (count > 0 && bytes > recordedBytesMax) break;
      count += 1;
    }
    return this.#chunks.splice(0, count);
  }
}

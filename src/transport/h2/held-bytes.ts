/** Chunks from this size on are kept as they are; smaller ones are gathered, for each chunk costs a hundred bytes itself. */
const referencedBytesMin = 2_048;
const slabBytes = 8_192;

/** What came on a stream while nobody reads from it. It takes little more memory than its bytes, however small the pieces. */
export class HeldBytes {
  #chunks: Uint8Array[] = [];
  #slab: Uint8Array | undefined;
  #slabFilled = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (chunk.length >= referencedBytesMin) {
      this.#endSlab();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#slabFilled + chunk.length > slabBytes) this.#endSlab();
    this.#slab ??= Buffer.allocUnsafe(slabBytes);
    this.#slab.set(chunk, this.#slabFilled);
    this.#slabFilled += chunk.length;
  }

  /** The oldest piece, or `undefined` when there is nothing. */
  shift(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#endSlab();
    const chunk = this.#chunks.shift();
    this.#bytes -= chunk?.length ?? 0;
    return chunk;
  }

  #endSlab(): void {
    if (this.#slab === undefined) return;
    this.#chunks.push(this.#slab.subarray(0, this.#slabFilled));
    this.#slab = undefined;
    this.#slabFilled = 0;
  }
}

/** Chunks from this size on are kept as they are; smaller ones are gathered, for each chunk costs a hundred bytes itself. */
const referencedBytesMin = 2_048;
const slabBytesMin = 256;
const slabBytesMax = 8_192;

/** What came and nobody has used yet. It takes little more memory than its bytes, however small the pieces. */
export class HeldBytes {
  #chunks: Uint8Array[] = [];
  /** Each is as large as all before it, so that a few bytes take little. */
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
    if (this.#slab !== undefined && this.#slabFilled + chunk.length > this.#slab.length) this.#endSlab();
    this.#slab ??= Buffer.allocUnsafe(
      Math.max(Math.min(this.#bytes, slabBytesMax), slabBytesMin, chunk.length),
    );
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

  /** Everything in one piece. */
  takeAll(): Uint8Array {
    this.#endSlab();
    const chunks = this.#chunks;
    const bytes = this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    const [first] = chunks;
    return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
  }

  #endSlab(): void {
    if (this.#slab === undefined) return;
    this.#chunks.push(this.#slab.subarray(0, this.#slabFilled));
    this.#slab = undefined;
    this.#slabFilled = 0;
  }
}

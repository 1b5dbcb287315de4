import type { SideFile, SideFiles } from '../side-files.ts';

/** Side files without a disk. */
export class MemorySideFiles implements SideFiles {
  readonly #files = new Map<string, Uint8Array>();

  async names(): Promise<readonly string[]> {
    return [...this.#files.keys()].sort();
  }

  async write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(chunk.slice());
    this.#files.set(name, Buffer.concat(copies));
  }

  async open(name: string): Promise<SideFile | undefined> {
    const bytes = this.#files.get(name);
    if (bytes === undefined) return undefined;
    return {
      bytes: bytes.length,
      read: async (offset, length) => bytes.slice(offset, offset + length),
      close: async () => undefined,
    };
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }
}

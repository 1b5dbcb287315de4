import { ObjectMissing } from '../agreed-objects.ts';
import type { AgreedObjects } from '../agreed-objects.ts';

/** Objects in memory, for tests: to be read, torn and lost by hand. */
export class MemoryObjects implements AgreedObjects {
  readonly objectBytesMax: number;
  readonly stored = new Map<string, Uint8Array>();
  /** Called before an object is stored. Where it rejects, the object is not. */
  beforePut: (name: string) => Promise<void> = () => Promise.resolve();

  constructor(objectBytesMax = 64 * 1024) {
    this.objectBytesMax = objectBytesMax;
  }

  async names(): Promise<readonly string[]> {
    return [...this.stored.keys()].sort();
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.beforePut(name);
    this.stored.set(name, bytes.slice());
  }

  async get(name: string): Promise<Uint8Array> {
    const bytes = this.stored.get(name);
    if (bytes === undefined) throw new ObjectMissing(`there is no object ${name}`);
    return bytes;
  }

  async remove(name: string): Promise<void> {
    this.stored.delete(name);
  }
}

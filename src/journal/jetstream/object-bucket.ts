/** Objects that brokers share, in a bucket of NATS' object store: a stream of its own beside that of the log, stored by as many servers. */
import type { ObjectStore } from '@nats-io/obj';
import type { Clock } from '../../base/clock.ts';
import { objectPartBytes, objectReadMsMax } from '../../base/limits.ts';
import { ObjectMissing } from '../agreed-objects.ts';
import type { AgreedObjects } from '../agreed-objects.ts';
import { patiently } from './elections.ts';

/** What one message of the object store carries. */
const messageBytes = 512 * 1024;

export class ObjectBucket implements AgreedObjects {
  readonly objectBytesMax = objectPartBytes;
  readonly #store: ObjectStore;
  readonly #clock: Clock;

  constructor(store: ObjectStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async names(): Promise<readonly string[]> {
    const all = await patiently(this.#clock, () => this.#bounded(this.#store.list(), 'the list of objects'));
    return all.map(({ name }) => name).sort();
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const stored = this.#store.putBlob({ name, options: { max_chunk_size: messageBytes } }, bytes);
    await this.#bounded(stored, name);
  }

  /** The store's client compares what comes with the digest of what was written. */
  async get(name: string): Promise<Uint8Array> {
    const bytes = await patiently(this.#clock, () => this.#bounded(this.#store.getBlob(name), name));
    if (bytes === null) throw new ObjectMissing(`there is no object ${name}`);
    return bytes;
  }

  async remove(name: string): Promise<void> {
    await this.#store.delete(name);
  }

  /** A reading that a server's end has cut short would be waited for without end. */
  async #bounded<T>(work: Promise<T>, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.setTimer(objectReadMsMax, () =>
      late.reject(new Error(`NATS has not given or taken ${what} within ${objectReadMsMax} ms`)),
    );
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}

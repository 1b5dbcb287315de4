/**
 * Objects that brokers share, in a bucket of NATS' object store: a stream of its own beside that of the log, stored by as many servers.
 *
 *   $O.BUCKET.M.NAME  what is known of an object; the newest message counts, and may say that it was deleted
 *   $O.BUCKET.C.ID    its bytes, in as many messages as that says
 *
 * They are read message by message, from the server that leads the stream. The store's own client makes a consumer for each reading, which stays with
 * NATS for five minutes, and NATS takes no more than a thousand of a stream.
 */
import { createHash } from 'node:crypto';
import type { JetStreamManager, NextMsgRequest, SeqMsgRequest } from '@nats-io/jetstream';
import type { ObjectInfo, ObjectStore } from '@nats-io/obj';
import type { Clock } from '../../base/clock.ts';
import { objectNamesAhead, objectPartBytes, objectReadMsMax } from '../../base/limits.ts';
import { ObjectMissing } from '../agreed-objects.ts';
import type { AgreedObjects } from '../agreed-objects.ts';
import { patiently } from './elections.ts';

export interface ObjectBucketOptions {
  readonly store: ObjectStore;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
  /** What the bucket is called, and its stream. */
  readonly bucket: string;
  readonly stream: string;
}

/** What one message of the object store carries. */
const messageBytes = 512 * 1024;

const digestBeginning = 'SHA-256=';

export class ObjectBucket implements AgreedObjects {
  readonly objectBytesMax = objectPartBytes;
  readonly #options: ObjectBucketOptions;

  constructor(options: ObjectBucketOptions) {
    this.#options = options;
  }

  names(): Promise<readonly string[]> {
    return patiently(this.#options.clock, () => this.#bounded(this.#list(), 'the list of objects'));
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const options = { max_chunk_size: messageBytes };
    await this.#bounded(this.#options.store.putBlob({ name, options }, bytes), name);
  }

  /** What comes is compared with the digest of what was written. */
  get(name: string): Promise<Uint8Array> {
    return patiently(this.#options.clock, () => this.#bounded(this.#read(name), name));
  }

  /** The store would keep for ever that the object was there. */
  async remove(name: string): Promise<void> {
    const { store, manager, bucket, stream } = this.#options;
    await store.delete(name);
    await manager.streams.purge(stream, { filter: `$O.${bucket}.M.${inSubject(name)}` });
  }

  async #list(): Promise<readonly string[]> {
    const { manager, stream, bucket } = this.#options;
    const { state } = await manager.streams.info(stream, { subjects_filter: `$O.${bucket}.M.>` });
    const subjects = Object.keys(state.subjects ?? {}).values();
    const names: string[] = [];
    const look = async (): Promise<void> => {
      for (const subject of subjects) {
        const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
        const info = message?.json<ObjectInfo>();
        if (info !== undefined && !info.deleted) names.push(info.name);
      }
    };
    await Promise.all(Array.from({ length: objectNamesAhead }, look));
    return names.sort();
  }

  async #read(name: string): Promise<Uint8Array> {
    const info = await this.#find(name);
    const chunks = await this.#chunks(info);
    // Somebody may have removed it meanwhile.
    if (chunks.length < info.chunks) await this.#find(name);
    const bytes = Buffer.concat(chunks);
    const digest = createHash('sha256').update(bytes).digest('base64');
    // The store writes it in the alphabet for URLs.
    const written = Buffer.from(info.digest.slice(digestBeginning.length), 'base64').toString('base64');
    if (digest !== written)
      throw new Error(`the object ${name} is not what was stored: its digest is not ${info.digest}`);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async #find(name: string): Promise<ObjectInfo> {
    const info = await this.#options.store.info(name);
    if (info === null || info.deleted) throw new ObjectMissing(`there is no object ${name}`);
    return info;
  }

  /** Those that are there, in order. */
  async #chunks({ nuid, chunks: count }: ObjectInfo): Promise<Uint8Array[]> {
    const { manager, stream, bucket } = this.#options;
    const chunks: Uint8Array[] = [];
    for (let next = 1; chunks.length < count;) {
      const query: NextMsgRequest & SeqMsgRequest = { seq: next, next_by_subj: `$O.${bucket}.C.${nuid}` };
      const message = await manager.streams.getMessage(stream, query);
      if (message === null) break;
      chunks.push(message.data);
      next = message.seq + 1;
    }
    return chunks;
  }

  /** A reading that a server's end has cut short would be waited for without end. */
  async #bounded<T>(work: Promise<T>, what: string): Promise<T> {
    const { clock } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = clock.setTimer(objectReadMsMax, () =>
      late.reject(new Error(`NATS has not given or taken ${what} within ${objectReadMsMax} ms`)),
    );
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}

/** Base64 in the alphabet for URLs, with padding, as the store has it of names of plain characters. */
function inSubject(name: string): string {
  return Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

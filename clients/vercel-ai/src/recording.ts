/**
 * Stores an answer while it is being given, so that others can follow it, and what was said is not lost with the process that said it. While the
 * stream runs, `C/streaming` names it, bound to a lease: when this process is gone for longer than the lease's ttl, the broker takes that away, and
 * whoever follows knows. At the end the chunks are taken away too: the answer is saved as a message then.
 */
import {
  Client,
  Json,
  operation,
  precondition,
  PreconditionFailedError,
  type Lease,
} from '@hyperloom/client';
import type { BrokerVerbs } from '@hyperloom/client/adapters';
import { ChunkQueue } from './chunk-queue.ts';
import { toldError } from './errors.ts';
import { streamTtlMs } from './limits.ts';
import { readSse } from './sse.ts';
import { streamingPath, streamPath } from './stored.ts';

export class Recording {
  /** The stream's name. */
  readonly stream: string;
  /** Resolves when all is stored and taken away again; rejects with what went wrong. Nothing of that disturbs the answer. */
  readonly settled: Promise<void>;
  readonly #verbs: BrokerVerbs;
  readonly #path: string;
  readonly #queue = new ChunkQueue();

  constructor(verbs: BrokerVerbs, path: string, stream: string, source: ReadableStream<string>) {
    this.#verbs = verbs;
    this.#path = path;
    this.stream = stream;
    this.settled = this.#run(source).catch((error: unknown) => {
      throw toldError(`record the stream at ${path}`, error);
    });
    // Nobody need ask how it went.
    this.settled.catch(() => undefined);
  }

  async #run(source: ReadableStream<string>): Promise<void> {
    const reading = this.#read(source);
    reading.catch(() => undefined);
    // A ghost, or a lock, has an end of its own.
    const lease = this.#verbs instanceof Client ? await this.#lease(this.#verbs) : undefined;
    try {
      await this.#begin(lease);
      const at = streamPath(this.#path, this.stream);
      for (let chunks = await this.#queue.take(); chunks.length > 0; chunks = await this.#queue.take())
        await this.#verbs.append(
          at,
          chunks.map((chunk) => new Json(chunk)),
        );
      await reading;
      await this.#end();
    } finally {
      // One that is lost has ended already, and taken along what this would.
      await lease?.end().catch(() => undefined);
    }
  }

  #lease(client: Client): Promise<Lease> {
    return client.lease({ ttlMs: streamTtlMs, label: `writes the answer in ${this.#path}` });
  }

  async #read(source: ReadableStream<string>): Promise<void> {
    try {
      for await (const chunk of readSse(source)) this.#queue.add(chunk);
    } finally {
      this.#queue.end();
    }
  }

  async #begin(lease: Lease | undefined): Promise<void> {
    const running = new Json(JSON.stringify({ stream: this.stream }));
    await this.#verbs.publish(
      [
        operation.put(streamPath(this.#path, this.stream), []),
        operation.put(streamingPath(this.#path), running, lease),
      ],
      { label: 'begin an answer' },
    );
  }

  async #end(): Promise<void> {
    const chunks = operation.delete(streamPath(this.#path, this.stream));
    const running = streamingPath(this.#path);
    const isOurs = precondition.pointer(running, '/stream', { equals: this.stream });
    const label = 'end an answer';
    try {
      await this.#verbs.publish([chunks, operation.delete(running)], { preconditions: [isOurs], label });
    } catch (error) {
      // A newer stream has taken its place.
      if (!(error instanceof PreconditionFailedError)) throw error;
      await this.#verbs.publish([chunks], { label });
    }
  }
}

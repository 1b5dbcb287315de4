/**
 * A stream whose forest is moved elsewhere. One change of its settings marks it and keeps everybody from adding to it: it says where the forest went
 * (`hyperloom_moved_to`), and takes messages of another subject only. Behind that an entry without commands is stored on condition that it is the next one
 * behind what was read: so whatever was acknowledged before the mark has been read, or the mark is taken back.
 */
import { JetStreamApiError } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { Clock } from '../../base/clock.ts';
import { appendPauseMs, electionMsMax } from '../../base/limits.ts';
import { randomId, systemRandom } from '../../base/random.ts';
import { patiently } from './elections.ts';

export interface MovableStreamOptions {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
  readonly stream: string;
  /** Of its entries while it is not marked. */
  readonly subject: string;
}

/** Something was added behind what was read: a broker is still there. */
export class StreamHasGrown extends Error {
  override readonly name = 'StreamHasGrown';
}

const movedToKey = 'hyperloom_moved_to';
/** Codes of JetStream's errors: the last sequence is another one than was expected. */
const wrongLastSequence: ReadonlySet<number> = new Set([10_071, 10_164]);

/** The subject of a stream that is marked. */
export function movedSubject(subject: string): string {
  return `${subject}.moved`;
}

/** Where its forest was moved to; `null` where it was not. */
export function destinationOf({ config }: StreamInfo): string | null {
  return config.metadata?.[movedToKey] ?? null;
}

export class MovableStream {
  readonly #options: MovableStreamOptions;

  constructor(options: MovableStreamOptions) {
    this.#options = options;
  }

  /** Resolves with true once nobody waits for what comes; with false where somebody still does after `waitMs`: a broker that works. */
  async isLeft(waitMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + waitMs;
    while (await this.#isFollowed()) {
      if (clock.monotonicMs() >= endMs) return false;
      await pause(clock);
    }
    return true;
  }

  /**
   * Marks it, once all up to `last` was read. `entry`: one that does nothing; its sequence is returned. Throws {@link StreamHasGrown}, and leaves it as it
   * was, where there is more.
   */
  async setAside(to: string, last: number, entry: Uint8Array): Promise<number> {
    const { manager, stream, subject, clock } = this.#options;
    const wasMarked = destinationOf(await patiently(clock, () => manager.streams.info(stream))) !== null;
    await this.#update(movedSubject(subject), to);
    try {
      return await this.appendBehind(last, entry, movedSubject(subject));
    } catch (error) {
      if (error instanceof StreamHasGrown && !wasMarked) await this.putBack();
      throw error;
    }
  }

  /** Takes a mark away. */
  putBack(): Promise<void> {
    return this.#update(this.#options.subject, null);
  }

  /** Adds an entry as the next one behind `last`; returns its sequence. Throws {@link StreamHasGrown} where it would not be. */
  async appendBehind(last: number, entry: Uint8Array, subject = this.#options.subject): Promise<number> {
    const { client, stream, clock } = this.#options;
    const expect = { streamName: stream, lastSequence: last };
    // Where no answer came, the same message is tried again.
    const msgID = `move-${randomId(systemRandom)}`;
    const endMs = clock.monotonicMs() + electionMsMax;
    for (;;) {
      try {
        return (await client.publish(subject, entry, { expect, msgID })).seq;
      } catch (error) {
        if (error instanceof JetStreamApiError && wrongLastSequence.has(error.code))
          throw new StreamHasGrown(`the stream ${stream} has grown behind message ${last}`, { cause: error });
        // Servers hear of a subject one after the other.
        if (clock.monotonicMs() >= endMs) throw error;
        await pause(clock);
      }
    }
  }

  /** Requests of somebody who has gone are left out by the server. */
  async #isFollowed(): Promise<boolean> {
    const { manager, stream, clock } = this.#options;
    return patiently(clock, async () => {
      for await (const { num_waiting: waiting } of manager.consumers.list(stream))
        if (waiting > 0) return true;
      return false;
    });
  }

  async #update(subject: string, to: string | null): Promise<void> {
    const { manager, stream, clock } = this.#options;
    await patiently(clock, async () => {
      const { config } = await manager.streams.info(stream);
      const { [movedToKey]: _before, ...others } = config.metadata ?? {};
      const metadata = to === null ? others : { ...others, [movedToKey]: to };
      await manager.streams.update(stream, { subjects: [subject], metadata });
    });
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(appendPauseMs, resolve);
  });
}

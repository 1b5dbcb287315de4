/**
 * A forest's agreed log as a stream of NATS JetStream: an entry is a message of the one subject of the stream, its sequence that of the message.
 * Nothing is ever deleted from within a stream, so a gap in what comes is a fault of the reading, which begins anew behind the last entry. A stream
 * is cut at its beginning only, by a purge.
 *
 * A message's id (`Nats-Msg-Id`) is that of its entry. NATS forgets ids after a while, and then an entry can be stored twice; whoever reads
 * leaves the second one out.
 */
import { DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { Clock, Timer } from '../../base/clock.ts';
import { appendAttemptMs, appendPauseMs, logSilenceMsMax } from '../../base/limits.ts';
import { AgreedLogClosed } from '../agreed-log.ts';
import type { AgreedLog, AgreedLogEntry, LogBounds } from '../agreed-log.ts';
import { JournalDamage } from '../journal.ts';

export interface JetStreamLogOptions {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
  readonly stream: string;
  readonly subject: string;
  readonly entryBytesMax: number;
}

/** Messages that are asked for at a time. */
const readAheadMax = 256;
/** What a message carries beside its entry: subject and id. */
export const messageOverheadBytes = 512;

export class JetStreamLog implements AgreedLog {
  readonly entryBytesMax: number;
  readonly #options: JetStreamLogOptions;
  readonly #waiting = new Set<() => void>();
  #messages: ConsumerMessages | null = null;
  #isClosed = false;
  #storedSequence = 0;
  #followedSequence = 0;

  constructor(options: JetStreamLogOptions) {
    this.#options = options;
    this.entryBytesMax = options.entryBytesMax;
  }

  async append(id: string, payload: Uint8Array): Promise<number> {
    const { client, stream, subject } = this.#options;
    for (;;) {
      if (this.#isClosed) throw new AgreedLogClosed('the log was closed');
      try {
        const expect = { streamName: stream };
        const { seq } = await client.publish(subject, payload, {
          msgID: id,
          timeout: appendAttemptMs,
          expect,
        });
        this.#storedSequence = Math.max(this.#storedSequence, seq);
        return seq;
      } catch {
        // Whatever it was: only an answer says that it is stored, and nothing but time says that it is not.
        await this.#pause();
      }
    }
  }

  async *follow(from: number): AsyncGenerator<AgreedLogEntry> {
    let next = from;
    while (!this.#isClosed) {
      const watch = this.#watch(next);
      try {
        for await (const message of await this.#consume(next)) {
          if (message.seq < next) continue;
          if (message.seq > next) break;
          next += 1;
          this.#followedSequence = message.seq;
          yield { sequence: message.seq, timeMs: message.time.getTime(), payload: message.data };
        }
      } catch (error) {
        if (error instanceof JournalDamage) throw error;
      } finally {
        watch.cancel();
        this.#messages?.stop();
      }
      if (!this.#isClosed) await this.#pause();
    }
  }

  async bounds(): Promise<LogBounds> {
    const { manager, stream } = this.#options;
    const { state } = await manager.streams.info(stream);
    return { first: Math.max(1, state.first_seq), last: state.last_seq };
  }

  async cut(through: number): Promise<void> {
    const { manager, stream } = this.#options;
    await manager.streams.purge(stream, { seq: through + 1 });
  }

  /** Lets go of the log. The connection is its owner's. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#messages?.stop();
    for (const wake of this.#waiting) wake();
    return Promise.resolve();
  }

  async #consume(next: number): Promise<ConsumerMessages> {
    const { client, manager, stream } = this.#options;
    const { state } = await manager.streams.info(stream);
    if (state.first_seq > next)
      throw new JournalDamage(
        `the stream ${stream} begins with message ${state.first_seq}, and ${next} is needed: this broker was away for long, and finds a snapshot at its next start; or the stream was purged, or has a limit that deletes`,
      );
    const consumer = await client.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: next,
    });
    const messages = await consumer.consume({ max_messages: readAheadMax });
    this.#messages = messages;
    if (this.#isClosed) messages.stop();
    return messages;
  }

  /** Ends a reading to which nothing comes, though something was stored since the last look. */
  #watch(from: number): { cancel(): void } {
    const { clock } = this.#options;
    let seen = { followed: from - 1, stored: 0 };
    let timer: Timer;
    const look = (): void => {
      const now = { followed: this.#followedSequence, stored: this.#storedSequence };
      if (now.followed === seen.followed && seen.stored > now.followed) this.#messages?.stop();
      seen = now;
      timer = clock.setTimer(logSilenceMsMax, look);
    };
    timer = clock.setTimer(logSilenceMsMax, look);
    return { cancel: () => timer.cancel() };
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(appendPauseMs, () => done());
      const done = (): void => {
        timer.cancel();
        this.#waiting.delete(done);
        resolve();
      };
      this.#waiting.add(done);
      if (this.#isClosed) done();
    });
  }
}

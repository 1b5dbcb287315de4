/**
 * One at a time, by a consumer of a stream that is made under a fixed name: JetStream makes a second one of another description only once the first one is gone. Its
 * requests for messages keep it there; of a process that has ended the server removes it a few seconds later, and of one that stands still after half a minute.
 * Whoever has stood still finds out by {@link Turn.isHeld}, and must ask before whatever nobody else may do.
 */
import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import type { ConsumerMessages, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Clock } from '../../base/clock.ts';
import { appendPauseMs, turnIdleMsMax } from '../../base/limits.ts';
import { randomId, systemRandom } from '../../base/random.ts';
import { patiently } from './elections.ts';

export interface TurnOptions {
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly clock: Clock;
  readonly stream: string;
  /** Whose turn it is: a name that JetStream takes for a consumer. */
  readonly name: string;
  readonly replicas: number;
}

/** Codes of JetStream's errors: there is a consumer of that name already; there is none. */
const consumerExists: ReadonlySet<number> = new Set([10_013, 10_148]);
const consumerNotFound = 10_014;

export class Turn {
  readonly #options: TurnOptions;
  readonly #id: string;
  readonly #messages: ConsumerMessages;

  private constructor(options: TurnOptions, id: string, messages: ConsumerMessages) {
    this.#options = options;
    this.#id = id;
    this.#messages = messages;
  }

  /** `null`: it is somebody else's after `waitMs` still. */
  static async take(options: TurnOptions, waitMs: number): Promise<Turn | null> {
    const { client, clock, stream, name } = options;
    const id = randomId(systemRandom);
    const endMs = clock.monotonicMs() + waitMs;
    while (!(await patiently(clock, () => isMade(options, id)))) {
      if (clock.monotonicMs() >= endMs) return null;
      await new Promise<void>((resolve) => {
        clock.setTimer(appendPauseMs, resolve);
      });
    }
    const consumer = await patiently(clock, () => client.consumers.get(stream, name));
    const messages = await consumer.consume({ max_messages: 1 });
    void dropAll(messages);
    return new Turn(options, id, messages);
  }

  /** Whether nobody else can have it. */
  async isHeld(): Promise<boolean> {
    const { manager, clock, stream, name } = this.#options;
    try {
      const { config } = await patiently(clock, () => manager.consumers.info(stream, name));
      return config.description === this.#id;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === consumerNotFound) return false;
      throw error;
    }
  }

  /** Gives it back. Where NATS is away it goes by itself. */
  async end(): Promise<void> {
    const { manager, stream, name } = this.#options;
    this.#messages.stop();
    try {
      if (await this.isHeld()) await manager.consumers.delete(stream, name);
    } catch {
      // See above.
    }
  }
}

/** With the same description it is made once, however often it is asked for. */
async function isMade({ manager, stream, name, replicas }: TurnOptions, id: string): Promise<boolean> {
  try {
    await manager.consumers.add(stream, {
      name,
      description: id,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.New,
      inactive_threshold: nanos(turnIdleMsMax),
      num_replicas: replicas,
    });
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && consumerExists.has(error.code)) return false;
    throw error;
  }
}

/** Ends with the messages, or with the consumer: whose turn it is says {@link Turn.isHeld}. */
async function dropAll(messages: ConsumerMessages): Promise<void> {
  try {
    for await (const _message of messages);
  } catch {
    // See above.
  }
}

/** What all agents of a run have: a way to the broker that repeats what it must, and a record of what came of it. */
import { create } from '@bufbuild/protobuf';
import type { DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

import type { Random } from '../../src/base/random.ts';
import { CallFailure } from './call.ts';
import type { Fault, Guarantee } from './guarantees.ts';
import type { ForestHistory, History, WriteRecord } from './history.ts';
import type { ClientStream, Network, StreamEvents } from './network.ts';
import type { OperationInit, PreconditionInit } from './requests.ts';
import type { Scheduler } from './scheduler.ts';

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  readonly history: History;
  /** False once no new work is to be begun. */
  readonly isOpen: () => boolean;
  /** When the broker was last started. */
  readonly startedMs: () => number;
  /** How much longer than usual everybody pauses. */
  readonly pace: number;
}

const timeoutMsDefault = 200;

type Request<M extends DescMethod> = MessageInitShape<M['input']>;
type Response<M extends DescMethod> = MessageShape<M['output']>;

/** What a write is about, for the record. */
export interface WriteNote {
  readonly requestId: string;
  readonly tokens?: readonly string[];
  readonly operations?: readonly OperationInit[];
  readonly preconditions?: readonly PreconditionInit[];
  /** How long one attempt waits for its answer, and after how many it gives up. */
  readonly timeoutMs?: number;
  readonly attemptsMax?: number;
  /** The ghost whose commit it is. */
  readonly ghostId?: string;
}

export class Client {
  readonly name: string;
  readonly history: ForestHistory;
  readonly surroundings: Surroundings;
  #count = 0;
  /** Asks again for what was done. */
  readonly #done: (() => Promise<void>)[] = [];

  constructor(name: string, forest: string, surroundings: Surroundings) {
    this.name = name;
    this.history = surroundings.history.forest(forest);
    this.surroundings = surroundings;
  }

  get forest(): string {
    return this.history.name;
  }

  get nowMs(): number {
    return this.surroundings.scheduler.nowMs;
  }

  get isOpen(): boolean {
    return this.surroundings.isOpen();
  }

  /** A text that nobody else writes. */
  token(): string {
    this.#count += 1;
    return `${this.name}.${this.#count}`;
  }

  below(bound: number): number {
    return this.surroundings.random.below(bound);
  }

  /** One of several, by chance. */
  oneOf<T>(first: T, ...others: readonly T[]): T {
    return others[this.below(others.length + 1) - 1] ?? first;
  }

  sleep(msMax: number): Promise<void> {
    return this.sleepFor((this.below(msMax * 10) / 10) * this.surroundings.pace);
  }

  /** Sleeps for so long, whatever the pace. */
  sleepFor(ms: number): Promise<void> {
    return this.surroundings.scheduler.sleep(ms);
  }

  fault(kind: Fault): void {
    this.surroundings.history.fault(kind);
  }

  /** Notes that something was looked at, and that it is wrong where it does not hold. */
  expect(guarantee: Guarantee, holds: boolean, what: () => string): void {
    this.surroundings.history.expect(guarantee, holds, what);
  }

  /** One attempt, in this client's forest. Rejects with a {@link CallFailure}. */
  call<M extends DescMethod>(
    method: M,
    request: Request<M>,
    timeoutMs = timeoutMsDefault,
  ): Promise<Response<M>> {
    return this.surroundings.network.unary(method, this.#inForest(method, request), timeoutMs);
  }

  /** A stream in this client's forest. */
  stream<M extends DescMethod>(
    method: M,
    first: Request<M> | null,
    events: StreamEvents<Response<M>>,
  ): ClientStream<MessageShape<M['input']>> {
    const request = first === null ? null : this.#inForest(method, first);
    return this.surroundings.network.stream(method, request, events);
  }

  /** Asks until there is an answer that says something. */
  async ask<M extends DescMethod>(
    method: M,
    request: Request<M>,
    timeoutMs = timeoutMsDefault,
  ): Promise<Response<M>> {
    for (;;) {
      try {
        return await this.call(method, request, timeoutMs);
      } catch (error) {
        if (!(error instanceof CallFailure) || !error.isUnknown) throw error;
        await this.sleep(30);
      }
    }
  }

  /**
   * Writes, and repeats the request under its id until the outcome is known; now and then it gives up instead. `undefined`:
   * refused, or not known.
   */
  async write<M extends DescMethod>(
    method: M,
    request: Request<M>,
    note: WriteNote,
    revisionOf: (response: Response<M>) => bigint,
  ): Promise<Response<M> | undefined> {
    const record = this.begin(note);
    const attempts = this.below(10) === 0 ? 1 : (note.attemptsMax ?? Infinity);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      try {
        const response = await this.call(method, request, note.timeoutMs);
        this.finish(record, Number(revisionOf(response)), '');
        this.#done.push(() => this.#repeat(method, request, record, revisionOf));
        // Now and then it asks for something again that was answered long ago, as if the answer had been lost.
        if (this.below(4) === 0) await this.#done[this.below(this.#done.length)]?.();
        return response;
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        if (!error.isUnknown) {
          this.finish(record, 0, error.reason === '' ? error.code : error.reason);
          return undefined;
        }
        await this.sleep(40);
      }
    }
    return undefined;
  }

  begin({
    requestId,
    tokens = [],
    operations = [],
    preconditions = [],
    ghostId = '',
  }: WriteNote): WriteRecord {
    const record = {
      client: this.name,
      requestId,
      tokens,
      operations,
      preconditions,
      ghostId,
      invokedMs: this.nowMs,
      completedMs: Infinity,
      startedMs: 0,
      revision: 0,
      refusal: '',
    };
    this.history.writes.push(record);
    return record;
  }

  finish(record: WriteRecord, revision: number, refusal: string): void {
    record.completedMs = this.nowMs;
    record.startedMs = this.surroundings.startedMs();
    record.revision = revision;
    record.refusal = refusal;
  }

  #inForest<M extends DescMethod>(method: M, request: Request<M>): MessageShape<M['input']> {
    const message = create(method.input, request);
    if ('forest' in message && message.forest === '') message.forest = this.forest;
    return message as MessageShape<M['input']>;
  }

  async #repeat<M extends DescMethod>(
    method: M,
    request: Request<M>,
    record: WriteRecord,
    revisionOf: (response: Response<M>) => bigint,
  ): Promise<void> {
    const { requestId, revision } = record;
    try {
      const again = Number(revisionOf(await this.call(method, request)));
      const what = (): string => `${requestId} made revision ${revision}, and ${again} when it was repeated`;
      this.expect('exactly once', again === revision, what);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (error.isUnknown) return;
      const what = (): string =>
        `${requestId} made revision ${revision}, and ${error.reason} when it was repeated`;
      this.expect('exactly once', false, what);
    }
  }
}

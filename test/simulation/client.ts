/** What all agents of a run have: a way to the broker that repeats what it must, and a record of what came of it. */
import { create } from '@bufbuild/protobuf';
import type { DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

import type { Random } from '../../src/base/random.ts';
import type { History, WriteRecord } from './history.ts';
import { CallFailure } from './network.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';

export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  readonly history: History;
  /** False once no new work is to be begun. */
  readonly isOpen: () => boolean;
  /** How often the broker has been started. */
  readonly starts: () => number;
}

const timeoutMs = 200;

export class Client {
  readonly name: string;
  readonly surroundings: Surroundings;
  #count = 0;
  /** Asks again for what was done. */
  readonly #done: (() => Promise<void>)[] = [];

  constructor(name: string, surroundings: Surroundings) {
    this.name = name;
    this.surroundings = surroundings;
  }

  /** A text that nobody else writes. */
  token(): string {
    this.#count += 1;
    return `${this.name}.${this.#count}`;
  }

  below(bound: number): number {
    return this.surroundings.random.below(bound);
  }

  sleep(msMax: number): Promise<void> {
    return this.surroundings.scheduler.sleep(this.below(msMax * 10) / 10);
  }

  /** One attempt. Rejects with a {@link CallFailure}. */
  call<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
  ): Promise<MessageShape<M['output']>> {
    return this.surroundings.network.unary(
      method,
      create(method.input, request) as MessageShape<M['input']>,
      timeoutMs,
    );
  }

  /** Asks until there is an answer that says something. */
  async ask<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
  ): Promise<MessageShape<M['output']>> {
    for (;;) {
      try {
        return await this.call(method, request);
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
    request: MessageInitShape<M['input']> & { readonly requestId?: string },
    tokens: readonly string[],
    revisionOf: (response: MessageShape<M['output']>) => bigint,
  ): Promise<MessageShape<M['output']> | undefined> {
    const record = this.begin(request.requestId ?? '', tokens);
    const attempts = this.below(10) === 0 ? 1 : Infinity;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      try {
        const response = await this.call(method, request);
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

  begin(requestId: string, tokens: readonly string[]): WriteRecord {
    const { history, scheduler } = this.surroundings;
    const record = {
      client: this.name,
      requestId,
      tokens,
      invokedMs: scheduler.nowMs,
      completedMs: Infinity,
      revision: 0,
      refusal: '',
    };
    history.writes.push(record);
    return record;
  }

  finish(record: WriteRecord, revision: number, refusal: string): void {
    record.completedMs = this.surroundings.scheduler.nowMs;
    record.revision = revision;
    record.refusal = refusal;
  }

  async #repeat<M extends DescMethod>(
    method: M,
    request: MessageInitShape<M['input']>,
    record: WriteRecord,
    revisionOf: (response: MessageShape<M['output']>) => bigint,
  ): Promise<void> {
    try {
      const again = Number(revisionOf(await this.call(method, request)));
      if (again === record.revision) return;
      this.surroundings.history.bugs.push(
        `exactly once: request ${record.requestId} made revision ${record.revision}, and ${again} when it was repeated`,
      );
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (error.isUnknown) return;
      this.surroundings.history.bugs.push(
        `exactly once: request ${record.requestId} made revision ${record.revision}, and ${error.reason} when it was repeated`,
      );
    }
  }
}

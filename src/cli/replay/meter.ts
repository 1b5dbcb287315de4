/**
 * Counts what a run of several agents moves, in two ways: as diffs, where a step is published once and each agent reads,
 * before its turn, what it has not seen; and as messages that carry the whole history on at each hop. Tools take part in
 * neither reading: they see their own call only.
 */
import type { Operation } from '../../../clients/typescript/src/index.ts';
import { operationsBytes } from '../../../clients/typescript/src/run-file/operation-bytes.ts';
import { emptyTally, type Tally } from './run-report.ts';

export class RunMeter {
  #tally: Tally = emptyTally;
  /** Bytes of all steps so far, and how far into them each agent has read. */
  #historyBytes = 0;
  readonly #seenBytes = new Map<string, number>();

  /** What was counted so far. */
  get tally(): Tally {
    return this.#tally;
  }

  /** A step of an agent that has read everything before it. `bytes`: its content; what was published may be more. */
  hop(agent: string, bytes: number, published: readonly Operation[]): void {
    const unseen = this.#historyBytes - (this.#seenBytes.get(agent) ?? 0);
    this.#step(bytes, unseen, this.#historyBytes + bytes, published);
    this.#seenBytes.set(agent, this.#historyBytes);
  }

  /** A step that nobody had to read the history for: a tool's answer, a prompt. */
  answer(bytes: number, published: readonly Operation[]): void {
    this.#step(bytes, 0, bytes, published);
  }

  /** A diff that is no step, such as a run's circumstances. */
  diff(published: readonly Operation[]): void {
    const { diffs, operations, movedBytes } = this.#tally;
    this.#tally = {
      ...this.#tally,
      diffs: diffs + 1,
      operations: operations + published.length,
      movedBytes: movedBytes + operationsBytes(published),
    };
  }

  /** Something was reverted, committed or found in conflict, `times` times. */
  count(what: 'reverts' | 'commits' | 'conflicts', times = 1): void {
    this.#tally = { ...this.#tally, [what]: this.#tally[what] + times };
  }

  #step(bytes: number, readBytes: number, passedBytes: number, published: readonly Operation[]): void {
    this.diff(published);
    this.#historyBytes += bytes;
    const { steps, movedBytes, historyBytes } = this.#tally;
    this.#tally = {
      ...this.#tally,
      steps: steps + 1,
      movedBytes: movedBytes + readBytes,
      historyBytes: historyBytes + passedBytes,
    };
  }
}

/**
 * Counts what a run of several agents moves, in two ways: as diffs, where a step is published once and each agent reads,
 * before its turn, what it has not seen; and as messages that carry the whole history on at each hop. Tools take part in
 * neither reading: they see their own call only.
 */
import type { Operation } from '../../../clients/typescript/src/index.ts';
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

/** Bytes of paths and contents. */
export function operationsBytes(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum + operation.path.length + contentBytes(operation), 0);
}

function contentBytes(operation: Operation): number {
  switch (operation.kind) {
    case 'put':
      return valueBytes(operation.value);
    case 'append_text':
      return Buffer.byteLength(operation.text);
    case 'append_bytes':
      return operation.bytes.length;
    case 'append_items':
      return operation.items.reduce((sum, item) => sum + Buffer.byteLength(item), 0);
    case 'append_message':
    case 'merge_message':
      return operation.message.bytes.length;
    case 'merge':
      return Buffer.byteLength(operation.patch);
    case 'increment':
    case 'delete':
    case 'copy':
      return 0;
  }
}

function valueBytes(value: Extract<Operation, { readonly kind: 'put' }>['value']): number {
  switch (value.kind) {
    case 'json':
    case 'message_json':
      return Buffer.byteLength(value.json);
    case 'text':
      return Buffer.byteLength(value.text);
    case 'bytes':
      return value.bytes.length;
    case 'message':
      return value.message.bytes.length;
  }
}

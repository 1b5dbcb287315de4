/** Counts what an agent publishes and reads, in bytes of paths and values: what a prompt would have to hold. */
import type { Change, Node, Operation, Value } from '../../clients/typescript/src/index.ts';
import { stringifyJson, TypedMessage } from '../../clients/typescript/src/index.ts';

/** So many things, and their bytes. */
export interface Count {
  readonly items: number;
  readonly bytes: number;
}

export class Meter {
  #published: Count = { items: 0, bytes: 0 };
  #read: Count = { items: 0, bytes: 0 };

  /** Diffs that took effect, in ghosts too. */
  get published(): Count {
    return this.#published;
  }

  /** Nodes and changes that came, by subscription or by reading. */
  get read(): Count {
    return this.#read;
  }

  countDiff(operations: readonly Operation[]): void {
    this.#published = plus(this.#published, 1, sum(operations.map(operationBytes)));
  }

  countNodes(nodes: readonly Node[]): void {
    const bytes = nodes.map((node) => byteLength(node.path) + node.valueBytes);
    this.#read = plus(this.#read, nodes.length, sum(bytes));
  }

  countChanges(changes: readonly Change[]): void {
    this.#read = plus(this.#read, changes.length, sum(changes.map(changeBytes)));
  }
}

/** Bytes of a change's path and of what it brings. Equal to those of the operation that made it. */
export function changeBytes(change: Change): number {
  return byteLength(change.path) + changePayloadBytes(change);
}

function changePayloadBytes(change: Change): number {
  switch (change.action) {
    case 'put':
      return change.json === undefined ? rawBytes(change.value) : byteLength(change.json);
    case 'append':
      return additionBytes(change.addition);
    case 'copy':
      return byteLength(change.source);
    case 'merge':
      return change.patch instanceof TypedMessage
        ? change.patch.bytes.length
        : byteLength(stringifyJson(change.patch));
    case 'increment':
      return byteLength(String(change.amount));
    case 'delete':
      return 0;
    default:
      return change satisfies never;
  }
}

function rawBytes(value: Value | undefined): number {
  if (typeof value === 'string') return byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  return value instanceof TypedMessage ? value.bytes.length : 0;
}

function additionBytes(addition: Extract<Change, { action: 'append' }>['addition']): number {
  if (typeof addition === 'string') return byteLength(addition);
  if (addition instanceof Uint8Array) return addition.length;
  if (addition instanceof TypedMessage) return addition.bytes.length;
  return sum(addition.map((item) => byteLength(stringifyJson(item))));
}

function operationBytes(operation: Operation): number {
  return byteLength(operation.path) + operationPayloadBytes(operation);
}

function operationPayloadBytes(operation: Operation): number {
  switch (operation.kind) {
    case 'put': {
      const { value } = operation;
      if (value.kind === 'json' || value.kind === 'message_json') return byteLength(value.json);
      if (value.kind === 'text') return byteLength(value.text);
      return value.kind === 'bytes' ? value.bytes.length : value.message.bytes.length;
    }
    case 'append_text':
      return byteLength(operation.text);
    case 'append_bytes':
      return operation.bytes.length;
    case 'append_items':
      return sum(operation.items.map(byteLength));
    case 'append_message':
    case 'merge_message':
      return operation.message.bytes.length;
    case 'merge':
      return byteLength(operation.patch);
    case 'increment':
      return byteLength(String(operation.amount));
    case 'copy':
      return byteLength(operation.source);
    case 'delete':
      return 0;
    default:
      return operation satisfies never;
  }
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function plus(count: Count, items: number, bytes: number): Count {
  return { items: count.items + items, bytes: count.bytes + bytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

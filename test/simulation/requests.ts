/** Parts of requests that several agents build. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import type { OperationSchema, PreconditionSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';

export type OperationInit = MessageInitShape<typeof OperationSchema>;
export type PreconditionInit = MessageInitShape<typeof PreconditionSchema>;

export function putText(path: string, text: string, leaseId = ''): OperationInit {
  return { path, action: { case: 'put', value: { kind: { case: 'text', value: text } } }, leaseId };
}

export function putJson(path: string, json: string): OperationInit {
  const value = new TextEncoder().encode(json);
  return { path, action: { case: 'put', value: { kind: { case: 'json', value } } } };
}

export function appendText(path: string, text: string): OperationInit {
  return { path, action: { case: 'append', value: { addition: { case: 'text', value: text } } } };
}

export function appendItem(path: string, json: string): OperationInit {
  const items = { json: [new TextEncoder().encode(json)] };
  return { path, action: { case: 'append', value: { addition: { case: 'items', value: items } } } };
}

export function mergeJson(path: string, patch: string): OperationInit {
  return { path, action: { case: 'merge', value: { jsonPatch: new TextEncoder().encode(patch) } } };
}

export function increment(path: string, by: bigint): OperationInit {
  return { path, action: { case: 'increment', value: { amount: { case: 'integer', value: by } } } };
}

export function remove(path: string): OperationInit {
  return { path, action: { case: 'delete', value: {} } };
}

export function copyFrom(path: string, sourcePath: string, revision: number): OperationInit {
  return { path, action: { case: 'copy', value: { sourcePath, sourceRevision: BigInt(revision) } } };
}

/** A duration of so many milliseconds. */
export function durationOf(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1_000_000 };
}

/** Operations on the fields of the message that has every kind of them, and conditions about fields. */
import { create } from '@bufbuild/protobuf';
import type { JsonValue, MessageInitShape } from '@bufbuild/protobuf';
import { type Operation, OperationSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type { PreconditionSchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { all } from './all-kinds.ts';
import { bytes } from './broker.ts';
import { encoded } from './schemas.ts';

export function any(json: JsonValue, typeName = all.typeName) {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: encoded(all, json) };
}

export function merge(path: string, json: JsonValue, ...mask: string[]): Operation {
  const value = mask.length === 0 ? { message: any(json) } : { message: any(json), mask: { paths: mask } };
  return create(OperationSchema, { path, action: { case: 'merge', value } });
}

export function append(path: string, json: JsonValue): Operation {
  const value = { addition: { case: 'message' as const, value: any(json) } };
  return create(OperationSchema, { path, action: { case: 'append', value } });
}

export function add(path: string, field: string, amount: bigint | number): Operation {
  const told =
    typeof amount === 'bigint'
      ? { case: 'integer' as const, value: amount }
      : { case: 'real' as const, value: amount };
  return create(OperationSchema, { path, action: { case: 'increment', value: { amount: told, field } } });
}

export type Condition = MessageInitShape<typeof PreconditionSchema>;
export function field(path: string, name: string, expected: boolean | string): Condition {
  return condition(path, { case: 'field', value: name }, expected);
}

export function pointer(path: string, at: string, expected: boolean | string): Condition {
  return condition(path, { case: 'jsonPointer', value: at }, expected);
}

export function condition(
  path: string,
  target: { case: 'field' | 'jsonPointer'; value: string },
  expected: boolean | string,
): Condition {
  const expectation =
    typeof expected === 'boolean'
      ? { case: 'isSet' as const, value: expected }
      : { case: 'equalsJson' as const, value: bytes(expected) };
  return { path, condition: { case: 'field', value: { target, expectation } } };
}

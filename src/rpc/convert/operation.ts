/** Operations between the wire and the state. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { unreachable } from '../../base/assert.ts';
import { appendItemsMax, nameBytesMax } from '../../base/limits.ts';
import {
  type Append,
  DeleteScope,
  type Increment,
  type Operation as OperationMessage,
} from '../../gen/hyperloom/v1/operation_pb.ts';
import { AppendSchema } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { ChangeSchema } from '../../gen/hyperloom/v1/event_pb.ts';
import type { Operation } from '../../state/command.ts';
import type { Change } from '../../state/event.ts';
import type { Value } from '../../state/values/value.ts';
import { formatPath } from '../../trie/path.ts';
import { checkCount, checkEnum, checkPath, checkText, toNumber } from '../checks.ts';
import { violation } from '../errors.ts';
import type { ReadMessageJson } from './message-json.ts';
import { bytesFrom, checkSize, jsonFrom, textFrom, valueFrom } from './value.ts';
import { appendFrom, fieldIncrementFrom, mergeFrom } from './message-operation.ts';
import type { FieldNames } from './message-operation.ts';
import { anyMessage, fromLatin1, utf8 } from './value-message.ts';
import type { TellValue } from './value-message.ts';

/** What schemas say about the paths of operations. */
export interface Meanings extends FieldNames {
  readonly typed: ReadMessageJson;
}

const deleteScopes = ['subtree', 'subtree', 'node'] as const;

/** An operation to be published. `field` is its place in the request. */
export function operationFrom(message: OperationMessage, field: string, meanings: Meanings): Operation {
  const path = checkPath(message.path, `${field}.path`);
  if (path.length === 0) {
    violation(`${field}.path`, 'the root takes no operations', 'INVALID_PATH', { path: message.path });
  }
  const { action } = message;
  const leaseId = checkText(message.leaseId, `${field}.lease_id`, 'nameBytesMax', nameBytesMax);
  if (leaseId !== '' && action.case !== 'put')
    violation(`${field}.lease_id`, 'only a put binds its node to a lease');
  switch (action.case) {
    case 'put': {
      const { kind } = action.value;
      const value =
        kind.case === 'messageJson'
          ? meanings.typed(kind.value, path, `${field}.put.message_json`)
          : valueFrom(action.value, `${field}.put`, message.path);
      return leaseId === '' ? { kind: 'put', path, value } : { kind: 'put', path, value, leaseId };
    }
    case 'append': {
      const { addition } = action.value;
      if (addition.case === 'message')
        return appendFrom(addition.value, path, `${field}.append.message`, meanings);
      return { kind: 'append', path, addition: additionFrom(addition, `${field}.append`, message.path) };
    }
    case 'merge': {
      const { jsonPatch, message: patched, mask } = action.value;
      if (patched !== undefined) return mergeFrom(action.value, patched, path, `${field}.merge`, meanings);
      if (mask !== undefined) violation(`${field}.merge.mask`, 'only a merge into a message has a mask');
      const patch = jsonFrom(jsonPatch, `${field}.merge.json_patch`, message.path);
      return { kind: 'merge', path, patch, patchBytes: jsonPatch.length };
    }
    case 'increment': {
      const amount = amountFrom(action.value, `${field}.increment`);
      if (action.value.field === '') return { kind: 'increment', path, amount };
      return fieldIncrementFrom(action.value, amount, path, `${field}.increment`, meanings);
    }
    case 'delete':
      return {
        kind: 'delete',
        path,
        scope: checkEnum(action.value.scope, deleteScopes, `${field}.delete.scope`),
      };
    case 'copy': {
      const source = checkPath(action.value.sourcePath, `${field}.copy.source_path`);
      return { kind: 'copy', path, source, sourceRevision: toNumber(action.value.sourceRevision) };
    }
    case undefined:
      return violation(field, 'exactly one action is required');
    default:
      return unreachable(action);
  }
}

function additionFrom(
  addition: Exclude<Append['addition'], { case: 'message' }>,
  field: string,
  path: string,
): Value {
  switch (addition.case) {
    case 'text':
      return textFrom(addition.value, `${field}.text`, path);
    case 'bytes':
      return bytesFrom(addition.value, `${field}.bytes`);
    case 'items':
      return itemsFrom(addition.value.json, `${field}.items.json`, path);
    case undefined:
      return violation(field, 'exactly one addition is required');
    default:
      return unreachable(addition);
  }
}

/** Items of an array, joined as the state keeps them. */
export function itemsFrom(json: readonly Uint8Array[], field: string, path: string): Value {
  checkCount(json.length, field, 'appendItemsMax', appendItemsMax, 1);
  let bytes = json.length - 1;
  for (const item of json) bytes += item.length;
  checkSize(bytes, field);
  const data = json.map((item, index) => jsonFrom(item, `${field}[${index}]`, path)).join();
  return { kind: 'items', data, bytes, type: '' };
}

function amountFrom({ amount }: Increment, field: string): bigint | number {
  switch (amount.case) {
    case 'integer':
      return amount.value;
    case 'real':
      if (!Number.isFinite(amount.value)) violation(`${field}.real`, `${amount.value} is not finite`);
      return amount.value;
    case undefined:
      return violation(field, 'exactly one amount is required');
    default:
      return unreachable(amount);
  }
}

/** What was done, as a change tells it. */
export function actionOf(
  { operation, sum }: Change,
  tell: TellValue,
): NonNullable<MessageInitShape<typeof ChangeSchema>['action']> {
  switch (operation.kind) {
    case 'put':
      return { case: 'put', value: tell(operation.value, operation.path, 0) };
    case 'append':
      return { case: 'append', value: appendMessage(operation.addition) };
    case 'merge':
      return { case: 'merge', value: { jsonPatch: utf8(operation.patch) } };
    case 'increment': {
      const { amount } = operation;
      const increment = { amount: typeof amount === 'bigint' ? integer(amount) : real(amount) };
      return { case: 'increment', value: { increment, resultJson: utf8(sum) } };
    }
    case 'merge_message': {
      const { mask } = operation;
      const message = anyMessage(operation.patch);
      return {
        case: 'merge',
        value: mask.length === 0 ? { message } : { message, mask: { paths: [...mask] } },
      };
    }
    case 'append_message':
      return { case: 'append', value: { addition: { case: 'message', value: anyMessage(operation.patch) } } };
    case 'increment_field': {
      const { amount, field } = operation;
      const told = { amount: typeof amount === 'bigint' ? integer(amount) : real(amount), field: field.name };
      return { case: 'increment', value: { increment: told, resultJson: utf8(sum) } };
    }
    case 'delete':
      return {
        case: 'delete',
        value: { scope: operation.scope === 'node' ? DeleteScope.NODE : DeleteScope.SUBTREE },
      };
    case 'copy': {
      const sourceRevision = BigInt(operation.sourceRevision);
      return { case: 'copy', value: { sourcePath: formatPath(operation.source), sourceRevision } };
    }
    default:
      return unreachable(operation);
  }
}

function appendMessage(addition: Value): Append {
  switch (addition.kind) {
    case 'text':
      return create(AppendSchema, { addition: { case: 'text', value: addition.data } });
    case 'bytes':
      return create(AppendSchema, { addition: { case: 'bytes', value: fromLatin1(addition.data) } });
    default:
      return create(AppendSchema, {
        addition: { case: 'items', value: { json: splitItems(addition.data).map(utf8) } },
      });
  }
}

/** The items of a list of valid JSON texts that commas join. */
export function splitItems(data: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < data.length; at += 1) {
    const character = data[at];
    if (character === '"') at = endOfString(data, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    else if (character === ',' && depth === 0) {
      items.push(data.slice(start, at));
      start = at + 1;
    }
  }
  items.push(data.slice(start));
  return items;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function integer(value: bigint): { case: 'integer'; value: bigint } {
  return { case: 'integer', value };
}

function real(value: number): { case: 'real'; value: number } {
  return { case: 'real', value };
}

/** How much operations hold. */
import type { Operation } from '../api.ts';

/** Bytes of paths and contents. */
export function operationsBytes(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum + operation.path.length + contentBytes(operation), 0);
}

function contentBytes(operation: Operation): number {
  switch (operation.kind) {
    case 'put':
      return valueBytes(operation.value);
    case 'append_text':
      return textBytes(operation.text);
    case 'append_bytes':
      return operation.bytes.length;
    case 'append_items':
      return operation.items.reduce((sum, item) => sum + textBytes(item), 0);
    case 'append_message':
    case 'merge_message':
      return operation.message.bytes.length;
    case 'merge':
      return textBytes(operation.patch);
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
      return textBytes(value.json);
    case 'text':
      return textBytes(value.text);
    case 'bytes':
      return value.bytes.length;
    case 'message':
      return value.message.bytes.length;
  }
}

const utf8 = new TextEncoder();

function textBytes(text: string): number {
  return utf8.encode(text).length;
}

/** What of an operation counts as content: what a model would have to read. */
import type { Operation } from '../state/command.ts';
import type { Value } from '../state/values/value.ts';

/** A value, or what stands for one. `data` is text for the kinds that are. */
export type Content = Pick<Value, 'kind' | 'data' | 'bytes'>;

/** What bytes that are no text count as: four of them are taken for a token. */
export const bytesPerToken = 4;

/** What an operation brings; `null` for those that bring nothing. */
export function contentOf(operation: Operation): Content | null {
  switch (operation.kind) {
    case 'put':
      return operation.value;
    case 'append':
      return operation.addition;
    case 'merge':
      return { kind: 'json', data: operation.patch, bytes: operation.patchBytes };
    case 'merge_message':
    case 'append_message':
      return operation.patch;
    case 'increment':
    case 'increment_field': {
      const data = String(operation.amount);
      return { kind: 'text', data, bytes: data.length };
    }
    case 'delete':
    case 'copy':
      return null;
  }
}

/** The text to count; `null` where there is none. */
export function textOf({ kind, data }: Content): string | null {
  return kind === 'bytes' || kind === 'message' ? null : data;
}

/** One text for each value and each change, however it travelled: what clients of any language write, and what histories hold. */
import type { JsonValue } from '../../clients/typescript/src/index.ts';
import type { Change as WireChange } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { Value as WireValue } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { unpadded } from './record.ts';
import type { Told } from './record.ts';

/** JSON with sorted keys and without spaces. Whole numbers of any size stay exact. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item as JsonValue)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value as Record<string, JsonValue>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}

/** A value as the broker's own history tells it. */
function textOf(value: WireValue): string {
  if (value.kind.case === 'text') return unpadded(value.kind.value);
  if (value.kind.case === 'json') return canonicalBytes(value.kind.value);
  throw new TypeError(`the workload writes no ${String(value.kind.case)}`);
}

function canonicalBytes(json: Uint8Array): string {
  return canonicalJson(JSON.parse(new TextDecoder().decode(json)) as JsonValue);
}

/** A change of the broker's own history. */
export function toldOf({ path, action }: WireChange): Told {
  switch (action.case) {
    case 'put':
      return [path, 'put', textOf(action.value)];
    case 'append':
      return [path, 'append', action.value.addition.case === 'text' ? action.value.addition.value : '?'];
    case 'merge':
      return [path, 'merge', canonicalBytes(action.value.jsonPatch)];
    case 'increment':
      return [path, 'increment', String(action.value.increment?.amount.value)];
    case 'delete':
      return [path, 'delete', ''];
    case 'copy':
      return [path, 'copy', action.value.sourcePath];
    default:
      return [path, '?', ''];
  }
}

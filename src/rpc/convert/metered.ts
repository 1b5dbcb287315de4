/** Values that are told, noted for the meter of whoever asked. */
import type { Value as ValueMessage } from '../../gen/hyperloom/v1/node_pb.ts';
import type { Content } from '../../meters/content.ts';
import type { Reading } from '../../meters/portion.ts';
import type { Value } from '../../state/values/value.ts';
import type { TellValue } from './value-message.ts';

const decoder = new TextDecoder();

/** Tells as `tell` does, and notes what it told. */
export function metered(tell: TellValue, reading: Reading): TellValue {
  return (value, path, modified) => {
    const told = tell(value, path, modified);
    reading.took(path[0] ?? '', contentTold(value, told));
    return told;
  };
}

/** A message that is told as JSON counts as that. */
function contentTold(value: Value, { kind }: ValueMessage): Content {
  if (value.kind !== 'message' || kind.case !== 'json') return value;
  return { kind: 'json', data: decoder.decode(kind.value), bytes: kind.value.length };
}

/** Deep copies of plain data and messages, for values whose encoding is remembered. */
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  FunctionMessage,
  HumanMessage,
  HumanMessageChunk,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
  ToolMessageChunk,
} from '@langchain/core/messages';

/** Classes all of whose state is in their properties. Others may hide some, which no copy would have. */
const copied = new Set<object | null>([
  null,
  ...[Object, HumanMessage, HumanMessageChunk, AIMessage, AIMessageChunk].map(
    ({ prototype }) => prototype as object,
  ),
  ...[SystemMessage, ToolMessage, ToolMessageChunk].map(({ prototype }) => prototype as object),
  ...[ChatMessage, FunctionMessage, RemoveMessage].map(({ prototype }) => prototype as object),
]);

// Deeper values are rare, and may be circular.
const depthMax = 50;

/** A copy that shares nothing with the value but texts; `undefined` where it holds something that is not known to be data. */
export function copyOf(value: object): object | undefined {
  try {
    return copyAt(value, 0) as object;
  } catch (error) {
    if (error instanceof NoData) return undefined;
    throw error;
  }
}

class NoData extends Error {}

function copyAt(value: unknown, depth: number): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || depth > depthMax) throw new NoData();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copyAt(item, depth + 1));
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (!copied.has(prototype)) throw new NoData();
  const copy = Object.create(prototype) as Record<PropertyKey, unknown>;
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const isPlain = property !== undefined && 'value' in property && property.enumerable === true;
    if (!isPlain || key === '__proto__') throw new NoData();
    copy[key] = copyAt(property.value, depth + 1);
  }
  return copy;
}

/** A copy of what {@link copyOf} has made, whose properties are known to be plain: a tenth of the time. */
export function copyAgain<T>(copy: T): T {
  if (typeof copy !== 'object' || copy === null) return copy;
  if (Array.isArray(copy)) return copy.map(copyAgain) as T;
  const again = Object.assign(
    Object.create(Object.getPrototypeOf(copy) as object | null) as object,
    copy,
  ) as Record<string, unknown>;
  for (const key in again) {
    const member = again[key];
    if (typeof member === 'object' && member !== null) again[key] = copyAgain(member);
  }
  return again as T;
}

/** Items as they are stored: in the shared form, with what TypeScript needs to get exactly its own back. */
import { Json, type Node } from '@hyperloom/client';
import {
  isEqual,
  isObject,
  patchBetween,
  patched,
  plainOf,
  type PlainObject,
} from '@hyperloom/client/adapters';
import { UserError, type AgentInputItem } from '@openai/agents';
import { fromWire, withNames } from './from-wire.ts';
import { itemBytesMax } from './limits.ts';
import { toWire } from './to-wire.ts';

/** Items as JSON texts. Throws a `UserError` for what cannot be stored, before anything is sent. */
export function storedItems(items: readonly AgentInputItem[]): readonly Json[] {
  return items.map(storedItem);
}

function storedItem(item: AgentInputItem, index: number): Json {
  const plain = plainItem(item, index);
  const wire = toWire(plain);
  const back = fromWire(wire);
  const patch = patchBetween(back, plain);
  const isSame = Object.keys(patch).length === 0;
  const js = isEqual(patched(back, patch), plain) ? patch : { '=': plain };
  const text = JSON.stringify(isSame ? { item: wire } : { item: wire, js });
  const bytes = Buffer.byteLength(text);
  if (bytes > itemBytesMax)
    throw new UserError(
      `item ${index} takes ${bytes} bytes, and ${itemBytesMax} are the most: keep large files and images elsewhere, and let the item name them by URL ` +
        'or file id',
    );
  return new Json(text);
}

/** The item as JSON has it. */
function plainItem(item: AgentInputItem, index: number): PlainObject {
  let plain: unknown;
  try {
    plain = plainOf(item);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`item ${index} cannot be stored as JSON: ${why}. Make it plain objects and texts`);
  }
  if (!isObject(plain))
    throw new UserError(`item ${index} is no object: a session stores items, such as user('hello')`);
  return plain;
}

/** Items from their nodes. */
export function readItems(nodes: readonly Node[]): AgentInputItem[] {
  return withNames(nodes.map(readItem)) as unknown as AgentInputItem[];
}

function readItem({ path, json }: Node): PlainObject {
  const stored: unknown = json === undefined ? undefined : JSON.parse(json);
  const wire = isObject(stored) ? stored['item'] : undefined;
  if (!isObject(stored) || !isObject(wire))
    throw new UserError(`${path} holds no item of a session: something else has been put there; delete it`);
  const js = stored['js'];
  if (!isObject(js)) return fromWire(wire);
  const whole = js['='];
  return isObject(whole) ? whole : patched(fromWire(wire), js);
}

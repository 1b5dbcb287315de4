/**
 * Plain data and messages as the JSON that LangGraph's own serialiser makes of them, without the text in between: that is written and parsed
 * again for each message otherwise, which takes most of what a put takes.
 */
import type { Plain } from './stored-json.ts';

interface Sayable {
  toJSON(): unknown;
}

/** Of what `copyOf` has made; `undefined` where only the serialiser itself knows what becomes of it. */
export function plainOf(copy: unknown): Plain | undefined {
  switch (typeof copy) {
    case 'string':
    case 'boolean':
      return copy;
    case 'number':
      return Number.isFinite(copy) ? copy : null;
    case 'undefined':
      return { lc: 2, type: 'undefined' };
    case 'object':
      return copy === null ? null : Array.isArray(copy) ? itemsOf(copy) : membersOf(copy);
    default:
      return undefined;
  }
}

function itemsOf(items: readonly unknown[]): Plain | undefined {
  const plain: Plain[] = [];
  for (const item of items) {
    const told = plainOf(item);
    if (told === undefined) return undefined;
    plain.push(told);
  }
  return plain;
}

function membersOf(copy: object): Plain | undefined {
  const told = isSayable(copy) ? copy.toJSON() : copy;
  if (typeof told !== 'object' || told === null) return undefined;
  const plain: Record<string, Plain> = {};
  for (const [key, member] of Object.entries(told)) {
    const said = plainOf(member);
    // LangGraph takes objects that say of themselves that they are sends for such.
    if (said === undefined || key === 'lg_name' || key === '__proto__') return undefined;
    plain[key] = said;
  }
  return plain;
}

function isSayable(copy: object): copy is Sayable {
  return 'toJSON' in copy && typeof copy.toJSON === 'function';
}

/** What a change leaves at a path, as far as the change itself tells. */
import { parseJson, type Change, type JsonValue } from '../../../typescript/src/browser.ts';
import { isObject } from './field-blame.ts';
import { isWithin } from './path.ts';

/** What is there afterwards. */
export type After =
  | { readonly kind: 'json'; readonly value: JsonValue }
  /** No value, or one without fields. */
  | { readonly kind: 'none' }
  /** Only the broker can tell: a copy, or a change of a message. */
  | { readonly kind: 'unknown' };

const none: After = { kind: 'none' };
const unknown: After = { kind: 'unknown' };

/** Whether a change has to do with what is at a path itself. */
export function isAt(change: Change, path: string): boolean {
  if (change.path === path) return true;
  if (!isWithin(path, change.path)) return false;
  return change.action === 'copy' || (change.action === 'delete' && change.scope === 'subtree');
}

/** What a change that {@link isAt} a path leaves there. `before`: the JSON that was there, if it was any. */
export function valueAfter(before: JsonValue | undefined, change: Change): After {
  switch (change.action) {
    case 'put':
      if (change.json !== undefined) return { kind: 'json', value: parseJson(change.json) };
      return change.kind === 'message' ? unknown : none;
    case 'append':
      return appended(before, change.json);
    case 'merge':
      return change.json === undefined
        ? unknown
        : { kind: 'json', value: merged(before, parseJson(change.json)) };
    case 'increment':
      return change.field === '' ? { kind: 'json', value: change.sum } : unknown;
    case 'delete':
      return none;
    case 'copy':
      return unknown;
  }
}

function appended(before: JsonValue | undefined, items: readonly string[] | undefined): After {
  // Of a text that grew there are no fields; of a message that did, only the broker knows them.
  if (items === undefined) return before === undefined ? none : unknown;
  const parsed = items.map(parseJson);
  return {
    kind: 'json',
    value: Array.isArray(before) ? [...(before as readonly JsonValue[]), ...parsed] : parsed,
  };
}

/** RFC 7396. */
export function merged(before: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(before) ? Object.entries(before) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, merged(members.get(name), value));
  }
  // Not by assignment: a member may be called `__proto__`.
  return Object.fromEntries(members);
}

/** What scenarios say in place of plain values: saved ones, bytes, long texts. See `Scenario` in the proto. */
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';

import { descriptorSetOf } from './descriptor-sets.ts';

/** Values that earlier steps saved, by name. */
export type Saved = Map<string, JsonValue>;

/** Replaces `${name}` and `{$…}` in a request. Throws where a name is not known. */
export function fill(value: JsonValue, saved: Saved): JsonValue {
  if (typeof value === 'string') return fillText(value, saved);
  if (Array.isArray(value)) return value.map((item) => fill(item, saved));
  if (value === null || typeof value !== 'object') return value;
  const made = fillSpecial(value, saved);
  if (made !== undefined) return made;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, saved)]));
}

/** The same for a text that stays one. */
export function filledText(text: string, saved: Saved): string {
  return textOf(fillText(text, saved));
}

/** A field of a message in JSON form, by a path such as `nodes.0.path`. `undefined` where there is none. */
export function fieldAt(value: JsonValue, path: string): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const step of path.split('.')) {
    if (Array.isArray(here)) here = here[Number(step)];
    else if (here !== null && typeof here === 'object') here = here[step];
    else return undefined;
  }
  return here;
}

/** Saves fields of a message by their paths; an empty path is all of it. Throws where there is no such field. */
export function keepFields(answer: JsonValue, save: Readonly<Record<string, string>>, saved: Saved): void {
  for (const [name, path] of Object.entries(save)) {
    const value = path === '' ? answer : fieldAt(answer, path);
    if (value === undefined) throw new Error(`there is no ${path} to be saved as ${name}`);
    saved.set(name, value);
  }
}

function fillText(text: string, saved: Saved): JsonValue {
  const whole = /^\$\{([^}]+)\}$/.exec(text)?.[1];
  if (whole !== undefined) return savedValue(whole, saved);
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => textOf(savedValue(name, saved)));
}

function savedValue(name: string, saved: Saved): JsonValue {
  const value = saved.get(name);
  if (value === undefined) throw new Error(`nothing was saved as ${name}`);
  return value;
}

/** `undefined` for an ordinary object. */
function fillSpecial(object: JsonObject, saved: Saved): JsonValue | undefined {
  const { $utf8: utf8, $fill: repeated, $join: parts, $acme: messages } = object;
  if (messages !== undefined) return descriptorSetOf(textOf(fill(messages, saved)));
  if (utf8 !== undefined) return Buffer.from(textOf(fill(utf8, saved)), 'utf8').toString('base64');
  if (Array.isArray(repeated)) {
    const [text, count] = repeated;
    return textOf(fill(text ?? '', saved)).repeat(Number(count));
  }
  if (Array.isArray(parts)) return parts.map((part) => textOf(fill(part, saved))).join('');
  return undefined;
}

function textOf(value: JsonValue): string {
  if (value === null || typeof value === 'object') throw new Error(`${JSON.stringify(value)} is no text`);
  return String(value);
}

/**
 * What has to be written so that a chat holds the messages it is to hold: only what has changed. Three states meet: what the caller had read, what
 * he wants, and what is there now. What others have added or changed meanwhile stays, unless the caller has changed it too.
 */
import { Json, operation, type Operation } from '@hyperloom/client';
import { isEqual, patchBetween, patched, type PlainObject } from '@hyperloom/client/adapters';
import { messagePath, partPath, type StoredMessage } from './stored.ts';

/** A message that is to be stored. */
export interface WantedMessage {
  readonly fields: PlainObject;
  readonly parts: readonly PlainObject[];
}

/** The way from what is there to what is wanted. */
export interface Delta {
  readonly operations: readonly Operation[];
  /** All messages afterwards, those of others too. */
  readonly messages: readonly StoredMessage[];
  /** The wanted ones among them. */
  readonly own: readonly StoredMessage[];
  readonly next: number;
}

/** `base`: what the caller had read; `current`: what is there; `next`: the first free number. */
export function deltaOf(
  path: string,
  base: readonly StoredMessage[],
  current: readonly StoredMessage[],
  wanted: readonly WantedMessage[],
  next: number,
): Delta {
  const known = byKey(base);
  const there = byKey(current);
  const operations: Operation[] = [];
  const own: StoredMessage[] = [];
  let free = next;
  let last = -1;
  for (const [key, message] of byKey(wanted)) {
    const before = known.get(key);
    const now = there.get(key);
    const isTouched = before === undefined || !isSame(before, message);
    // Others have taken away what the caller only handed on.
    if (now === undefined && before !== undefined && !isTouched) continue;
    if (now !== undefined && now.number > last) {
      there.delete(key);
      last = now.number;
      const kept = isTouched ? { ...message, number: last } : now;
      if (isTouched) operations.push(...changesOf(path, now, message));
      own.push(kept);
    } else {
      last = free;
      free += 1;
      own.push({ ...message, number: last });
      operations.push(...additionOf(path, last, message));
    }
  }
  const others = [...there].filter(([key]) => !known.has(key)).map(([, message]) => message);
  for (const [key, { number }] of there)
    if (known.has(key)) operations.push(operation.delete(messagePath(path, number)));
  const messages = [...own, ...others].toSorted((a, b) => a.number - b.number);
  return { operations, messages, own, next: free };
}

/** Messages by their ids, and where several have the same one, by which of them it is. */
function byKey<Message extends WantedMessage>(messages: readonly Message[]): Map<string, Message> {
  const seen = new Map<string, number>();
  const keyed = new Map<string, Message>();
  for (const message of messages) {
    const id = JSON.stringify(message.fields['id']);
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    keyed.set(`${count} ${id}`, message);
  }
  return keyed;
}

function isSame(a: WantedMessage, b: WantedMessage): boolean {
  return isEqual(a.fields, b.fields) && isEqual(a.parts, b.parts);
}

function additionOf(path: string, number: number, { fields, parts }: WantedMessage): Operation[] {
  return [
    put(messagePath(path, number), fields),
    ...parts.map((part, index) => put(partPath(path, number, index), part)),
  ];
}

function changesOf(path: string, now: StoredMessage, wanted: WantedMessage): Operation[] {
  const { number } = now;
  const operations = change(messagePath(path, number), now.fields, wanted.fields);
  for (const [index, part] of wanted.parts.entries()) {
    const there = now.parts[index];
    const at = partPath(path, number, index);
    operations.push(...(there === undefined ? [put(at, part)] : change(at, there, part)));
  }
  for (let index = wanted.parts.length; index < now.parts.length; index += 1)
    operations.push(operation.delete(partPath(path, number, index)));
  return operations;
}

/** A merge where it can say the change in less than the whole. */
function change(path: string, from: PlainObject, to: PlainObject): Operation[] {
  if (isEqual(from, to)) return [];
  const patch = patchBetween(from, to);
  const text = JSON.stringify(patch);
  const isExact = isEqual(patched(from, patch), to);
  return isExact && text.length < JSON.stringify(to).length
    ? [operation.merge(path, new Json(text))]
    : [put(path, to)];
}

function put(path: string, value: PlainObject): Operation {
  return operation.put(path, new Json(JSON.stringify(value)));
}

/** What operations take in a message to the broker, about. */
export function bytesOf(step: Operation): number {
  if (step.kind === 'put' && step.value.kind === 'json') return Buffer.byteLength(step.value.json);
  return step.kind === 'merge' ? Buffer.byteLength(step.patch) : 0;
}

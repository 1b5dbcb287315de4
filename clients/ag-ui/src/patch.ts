/** RFC 6902 patches: how one document becomes another. */
import { isEqual, isObject, type Plain, type PlainObject } from '@hyperloom/client/adapters';

/** One step of a patch. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Plain }
  | { readonly op: 'remove'; readonly path: string };

/** A pointer (RFC 6901) to a member. */
export function memberPointer(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The steps from one value to another at the same place, as small as is found by comparing members and the ends of lists. */
export function difference(pointer: string, from: Plain, to: Plain): PatchOperation[] {
  if (isEqual(from, to)) return [];
  if (isObject(from) && isObject(to)) return ofObjects(pointer, from, to);
  if (isList(from) && isList(to) && to.length >= from.length && isEqual(from, to.slice(0, from.length)))
    return additions(pointer, to.slice(from.length));
  return [{ op: 'replace', path: pointer, value: to }];
}

/** Items behind the last one of a list. */
export function additions(pointer: string, items: readonly Plain[]): PatchOperation[] {
  return items.map((value) => ({ op: 'add', path: `${pointer}/-`, value }));
}

function ofObjects(pointer: string, from: PlainObject, to: PlainObject): PatchOperation[] {
  const steps: PatchOperation[] = [];
  for (const key of Object.keys(from))
    if (!Object.hasOwn(to, key)) steps.push({ op: 'remove', path: memberPointer(pointer, key) });
  for (const [key, value] of Object.entries(to)) {
    const path = memberPointer(pointer, key);
    if (!Object.hasOwn(from, key)) steps.push({ op: 'add', path, value });
    else steps.push(...difference(path, from[key] ?? null, value));
  }
  return steps;
}

/** Libraries refuse patches of such members, since careless programs let them change all objects: a snapshot has to say it. */
export function isUnsafe({ path }: PatchOperation): boolean {
  return path.split('/').some((key) => key === '__proto__' || key === 'constructor' || key === 'prototype');
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

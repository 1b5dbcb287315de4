/**
 * Whether operations on fields of a message can be replayed where others have written since: field by field, as merges of JSON
 * are key by key. What was there at the base and what is there now are compared in their bytes.
 */
import type { FieldIncrement, MessagePatch } from '../command.ts';
import { bodiesOf, innerOf, keyOf, rawOf, slotAt, slotsOf } from './field-slots.ts';
import type { Slot } from './field-slots.ts';
import type { FieldChange, FieldStep } from './message-field.ts';
import { messageName } from './operate-message.ts';
import type { Entry } from './value.ts';
import { MalformedMessage } from './wire-scan.ts';

/** No field that the patch is about was changed by others; to those that it appends to, others have at most appended. */
export function patchStands(base: Entry | null, now: Entry | null, { patch, fields }: MessagePatch): boolean {
  const both = messagesOf(base, now, patch.type);
  return both !== null && unlessMalformed(() => standsIn(both.base, both.now, patch.data, fields));
}

/** The field was not changed by others. */
export function incrementStands(
  base: Entry | null,
  now: Entry | null,
  { field, type }: FieldIncrement,
): boolean {
  const both = messagesOf(base, now, type);
  if (both === null) return false;
  return unlessMalformed(() => rawAt(both.base, field.steps) === rawAt(both.now, field.steps));
}

function messagesOf(
  base: Entry | null,
  now: Entry | null,
  type: string,
): { readonly base: string; readonly now: string } | null {
  if (base !== null && now === null) return null;
  const isOther = (entry: Entry | null): boolean =>
    entry !== null && (entry.kind !== 'message' || messageName(entry.type) !== messageName(type));
  return isOther(base) || isOther(now) ? null : { base: base?.data ?? '', now: now?.data ?? '' };
}

function rawAt(data: string, steps: readonly FieldStep[]): string {
  const found = slotAt(data, steps);
  return found === null ? '' : rawOf(found.data, found.slot.own);
}

type ChangeSlot = Slot<FieldChange>;

function standsIn(base: string, now: string, patch: string, changes: readonly FieldChange[]): boolean {
  const [before, after, wanted] = [slotsOf(base, changes), slotsOf(now, changes), slotsOf(patch, changes)];
  return before.every((slot, index) => {
    const [later, source] = [after[index], wanted[index]];
    if (later === undefined || source === undefined) return false;
    return fieldStands({ data: base, slot }, { data: now, slot: later }, { data: patch, slot: source });
  });
}

interface Seen {
  readonly data: string;
  readonly slot: ChangeSlot;
}

function fieldStands(before: Seen, now: Seen, source: Seen): boolean {
  const { step } = source.slot;
  // Who sets a member of a oneof decides about the others.
  const decides = step.others.length > 0 && source.slot.own.length > 0;
  if (decides && rawOf(before.data, before.slot.void) !== rawOf(now.data, now.slot.void)) return false;
  const raw = ({ data, slot }: Seen): string => rawOf(data, slot.own);
  const bodies = ({ data, slot }: Seen): string => bodiesOf(data, slot.own);
  switch (step.kind) {
    case 'replace':
      return raw(before) === raw(now);
    case 'append':
      return raw(now).startsWith(raw(before));
    case 'pack':
      return bodies(now).startsWith(bodies(before));
    case 'present':
      return true;
    case 'entries': {
      const keys = new Set(source.slot.own.map((entry) => keyOf(source.data, entry)));
      return entriesOf(before, keys) === entriesOf(now, keys);
    }
    case 'within': {
      const inner = ({ data, slot }: Seen): string => innerOf(data, slot.own);
      return standsIn(inner(before), inner(now), inner(source), step.within);
    }
  }
}

/** The entries of some keys, each as it counts. */
function entriesOf({ data, slot }: Seen, keys: ReadonlySet<string>): string {
  const found = new Map<string, string>();
  for (const entry of slot.own) {
    const key = keyOf(data, entry);
    if (keys.has(key)) found.set(key, data.slice(entry.body, entry.bodyEnd));
  }
  return JSON.stringify([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function unlessMalformed(stands: () => boolean): boolean {
  try {
    return stands();
  } catch (error) {
    if (error instanceof MalformedMessage) return false;
    throw error;
  }
}

/**
 * Changes fields of a message in its bytes: no descriptor is needed, what is not named stays byte for byte as it is, and fields
 * keep the order of their numbers, so that the bytes are those that an encoder would write.
 */
import { bodiesOf, innerOf, keyOf, rawOf, slotsOf } from './field-slots.ts';
import type { Slot } from './field-slots.ts';
import type { FieldChange } from './message-field.ts';
import { fieldBytes, wireTypes } from './wire-scan.ts';
import type { Span } from './wire-scan.ts';

/** A stretch of the stored bytes and what takes its place. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What is put in, and what goes for it. */
interface Outcome {
  readonly removed: readonly Span[];
  readonly text: string;
  readonly place: number;
}

type ChangeSlot = Slot<FieldChange>;

/** `stored` with what `patch` holds, as `changes` say. Throws `MalformedMessage` where either is no message. */
export function amend(stored: string, patch: string, changes: readonly FieldChange[]): string {
  const sources = slotsOf(patch, changes);
  const set = new Set<number>();
  const outcomes = slotsOf(stored, changes).flatMap((target, index) => {
    const source = sources[index];
    if (source === undefined) return [];
    const outcome = outcomeOf(stored, target, patch, source);
    if (source.own.length > 0 && outcome.text !== '') set.add(target.step.number);
    return [{ target, outcome }];
  });
  const edits: Edit[] = [];
  for (const { target, outcome } of outcomes) {
    // Another member of the oneof is set: this one is not put back.
    const isOut = target.step.others.some((other) => set.has(other));
    for (const { start, end } of outcome.removed) edits.push({ start, end, text: '' });
    if (outcome.text !== '' && !isOut)
      edits.push({ start: outcome.place, end: outcome.place, text: outcome.text });
  }
  return edited(stored, edits);
}

function edited(stored: string, edits: readonly Edit[]): string {
  let text = '';
  let at = 0;
  // The sort is stable: what is put in at the same place stays in the order of the numbers.
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start > at) text += stored.slice(at, edit.start);
    text += edit.text;
    at = Math.max(at, edit.end);
  }
  return text + stored.slice(at);
}

function outcomeOf(stored: string, target: ChangeSlot, patch: string, source: ChangeSlot): Outcome {
  const { step, own, place } = target;
  const gone = target.void;
  const raw = rawOf(patch, source.own);
  switch (step.kind) {
    case 'replace':
      return { removed: raw === '' ? own : [...own, ...gone], text: raw, place };
    case 'append':
      return { removed: raw === '' ? [] : gone, text: raw, place };
    case 'present':
      return raw === '' || own.length > 0
        ? { removed: [], text: '', place }
        : { removed: gone, text: raw, place };
    case 'pack':
      return packed(stored, target, bodiesOf(patch, source.own));
    case 'entries': {
      const keys = new Set(source.own.map((entry) => keyOf(patch, entry)));
      const removed = keys.size === 0 ? [] : own.filter((entry) => keys.has(keyOf(stored, entry)));
      return { removed, text: raw, place };
    }
    case 'within': {
      const before = innerOf(stored, own);
      const after = amend(before, innerOf(patch, source.own), step.within);
      // What is only cleared is not brought into being.
      if (own.length === 0 && after === '') return { removed: [], text: '', place };
      const text = fieldBytes(step.number, wireTypes.length, after);
      return { removed: source.own.length === 0 ? own : [...own, ...gone], text, place };
    }
  }
}

function packed(stored: string, { step, own, place }: ChangeSlot, numbers: string): Outcome {
  if (numbers === '') return { removed: [], text: '', place };
  const last = own.at(-1);
  const isPacked = last?.wireType === wireTypes.length;
  const before = isPacked ? stored.slice(last.body, last.bodyEnd) : '';
  const text = fieldBytes(step.number, wireTypes.length, before + numbers);
  return { removed: isPacked ? [last] : [], text, place };
}

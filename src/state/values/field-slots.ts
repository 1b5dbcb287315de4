/** Where the fields of one message are that something is to be done with, found in one pass over its bytes. */
import type { FieldChange, FieldStep } from './message-field.ts';
import { fieldBytes, MalformedMessage, scanFields, varintValue, wireTypes } from './wire-scan.ts';
import type { Span } from './wire-scan.ts';

/** One field in one message. */
export interface Slot<Step extends FieldStep = FieldStep> {
  readonly step: Step;
  /** The occurrences that count. */
  readonly own: readonly Span[];
  /** Those that another member of the oneof has unset behind them, and the occurrences of other members. */
  readonly void: readonly Span[];
  /** Where it belongs: behind its own occurrences, or before the first field with a greater number. */
  readonly place: number;
}

interface Finding<Step extends FieldStep> {
  readonly step: Step;
  own: Span[];
  readonly void: Span[];
  greater: number;
}

/** A slot for each step, in the order of their numbers. */
export function slotsOf<Step extends FieldStep>(data: string, steps: readonly Step[]): Slot<Step>[] {
  const found = steps
    .toSorted((a, b) => a.number - b.number)
    .map((step): Finding<Step> => ({ step, own: [], void: [], greater: -1 }));
  const byNumber = new Map<number, Finding<Step>[]>();
  for (const each of found) {
    for (const number of [each.step.number, ...each.step.others])
      byNumber.set(number, [...(byNumber.get(number) ?? []), each]);
  }
  let below = 0;
  scanFields(data, (span) => {
    for (let next = found[below]; next !== undefined && next.step.number < span.number; next = found[below]) {
      next.greater = span.start;
      below += 1;
    }
    for (const each of byNumber.get(span.number) ?? []) note(each, span);
  });
  return found.map(({ step, own, void: gone, greater }) => {
    const place = own.at(-1)?.end ?? (greater === -1 ? data.length : greater);
    return { step, own, void: gone, place };
  });
}

function note(finding: Finding<FieldStep>, span: Span): void {
  if (span.number === finding.step.number) {
    finding.own.push(span);
    return;
  }
  finding.void.push(...finding.own, span);
  finding.own = [];
}

/** The bytes of occurrences, as they are. */
export function rawOf(data: string, spans: readonly Span[]): string {
  let raw = '';
  for (const { start, end } of spans) raw += data.slice(start, end);
  return raw;
}

/** What occurrences hold, joined: a message out of its parts, or numbers whether they are packed or not. */
export function bodiesOf(data: string, spans: readonly Span[]): string {
  let bodies = '';
  for (const { body, bodyEnd } of spans) bodies += data.slice(body, bodyEnd);
  return bodies;
}

/** The message that a field holds; empty where it holds none. */
export function innerOf(data: string, spans: readonly Span[]): string {
  if (spans.some(({ wireType }) => wireType !== wireTypes.length))
    throw new MalformedMessage('a field of another type where a message is due');
  return bodiesOf(data, spans);
}

const keyField: FieldStep = { number: 1, others: [] };

/** The key of a map's entry, equal for equal keys as they are usually encoded. */
export function keyOf(data: string, entry: Span): string {
  const body = innerOf(data, [entry]);
  const key = slotsOf(body, [keyField])[0]?.own.at(-1);
  if (key === undefined) return '';
  const text = body.slice(key.body, key.bodyEnd);
  if (key.wireType === wireTypes.length) return text === '' ? '' : `text ${text}`;
  const value = key.wireType === wireTypes.varint ? varintValue(text) : fixedValue(text);
  return value === 0n ? '' : String(value);
}

function fixedValue(bytes: string): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index -= 1)
    value = (value << 8n) | BigInt(bytes.charCodeAt(index));
  return value;
}

/** The innermost message on the way to a field, and the field's slot in it; `null` where a message on the way is not set. */
export function slotAt(data: string, steps: readonly FieldStep[]): { data: string; slot: Slot } | null {
  let inner = data;
  for (const [index, step] of steps.entries()) {
    const [slot] = slotsOf(inner, [step]);
    if (slot === undefined) return null;
    if (index === steps.length - 1) return { data: inner, slot };
    if (slot.own.length === 0) return null;
    inner = innerOf(inner, slot.own);
  }
  return null;
}

/** A change of one field, and a patch that holds a new value for it: the tree and the bytes along the way to it. */
export function wayTo(
  steps: readonly FieldStep[],
  wireType: number,
  body: string | null,
): { readonly patch: string; readonly changes: readonly FieldChange[] } {
  let patch = '';
  let changes: readonly FieldChange[] = [];
  for (const [index, step] of steps.toReversed().entries()) {
    const { number, others } = step;
    if (index === 0) {
      if (body !== null) patch = fieldBytes(number, wireType, body);
      changes = [{ number, others, kind: 'replace' }];
      continue;
    }
    if (patch !== '') patch = fieldBytes(number, wireTypes.length, patch);
    changes = [{ number, others, kind: 'within', within: changes }];
  }
  return { patch, changes };
}

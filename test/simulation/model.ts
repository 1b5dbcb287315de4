/**
 * The forest as plain maps, one for each revision: made from nothing but the events that the broker tells of itself, by rules
 * that fit on a page. Reads, subscribers and the final state are compared with it.
 */
import type { Change, Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { Value } from '../../src/gen/hyperloom/v1/node_pb.ts';

/** Paths and their values as text. */
export type ModelState = ReadonlyMap<string, string>;

/** A value as text, whatever its kind. */
export function textOf(value: Value | undefined): string {
  if (value?.kind.case === 'text') return value.kind.value;
  if (value?.kind.case === 'json') return new TextDecoder().decode(value.kind.value);
  throw new TypeError(`the workload writes no ${String(value?.kind.case)}`);
}

/** What lies at or below `prefix`; everything for `/`. */
export function below(state: ModelState, prefix: string): Map<string, string> {
  return new Map([...state].filter(([path]) => isBelow(path, prefix)));
}

export function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

/** Changes `state` as an event says. `past` finds the states that copies are made from; without it a copy only clears. */
export function applyChanges(
  state: Map<string, string>,
  changes: readonly Change[],
  past: ((revision: number) => ModelState) | null,
): void {
  for (const change of changes) applyChange(state, change, past);
}

function applyChange(
  state: Map<string, string>,
  { path, action }: Change,
  past: ((revision: number) => ModelState) | null,
): void {
  switch (action.case) {
    case 'put':
      state.set(path, textOf(action.value));
      return;
    case 'append':
      if (action.value.addition.case !== 'text') throw new TypeError('the workload appends texts only');
      state.set(path, (state.get(path) ?? '') + action.value.addition.value);
      return;
    case 'increment': {
      const amount = action.value.increment?.amount.value ?? 0;
      const sum = String(BigInt(/^-?\d+/.exec(state.get(path) ?? '0')?.[0] ?? 0) + BigInt(amount));
      const told = new TextDecoder().decode(action.value.resultJson);
      state.set(path, told === sum ? sum : `${told} (not ${sum})`);
      return;
    }
    case 'delete':
      for (const each of below(state, path).keys()) state.delete(each);
      return;
    case 'copy': {
      const { sourcePath, sourceRevision } = action.value;
      const source = sourceRevision === 0n ? state : past?.(Number(sourceRevision));
      const copied = past === null ? [] : [...below(source ?? new Map(), sourcePath)];
      for (const each of below(state, path).keys()) state.delete(each);
      for (const [from, value] of copied) state.set(path + from.slice(sourcePath.length), value);
      return;
    }
    default:
      throw new TypeError(`the workload does no ${String(action.case)}`);
  }
}

/** The states after each revision, from the events of the trunk in their order. Throws where a revision is missing. */
export function statesOf(events: readonly Event[]): ModelState[] {
  const states: ModelState[] = [new Map()];
  for (const event of events) {
    if (Number(event.revision) !== states.length)
      throw new Error(`revision ${event.revision} follows on ${states.length - 1}`);
    const state = new Map(states.at(-1));
    applyChanges(state, event.changes, (revision) => states[revision] ?? new Map());
    states.push(state);
  }
  return states;
}

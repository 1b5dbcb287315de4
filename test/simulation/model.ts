/**
 * The forest as plain maps, one for each revision: made from nothing but the events that the broker tells of itself, by rules
 * that fit on a few pages. Reads, subscribers and the final state are compared with it, and the events with what was asked for.
 */
import type { Change, Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { Node, Value } from '../../src/gen/hyperloom/v1/node_pb.ts';
import { DeleteScope } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { addedTo, mergedTally, tallyOf } from '../support/tally.ts';
import type { Tally } from '../support/tally.ts';

/** What is known of a node with a value. */
export interface NodeFacts {
  readonly text: string;
  readonly created: number;
  readonly modified: number;
  readonly version: number;
  readonly author: string;
}

export interface ModelNode extends NodeFacts {
  /** The lease that it is bound to; empty for none. */
  readonly leaseId: string;
}

/** Paths and what they hold. */
export type ModelState = ReadonlyMap<string, ModelNode>;

/** A value as text, whatever its kind. */
export function textOf(value: Value | undefined): string {
  if (value?.kind.case === 'text') return value.kind.value;
  if (value?.kind.case === 'json') return canonical(new TextDecoder().decode(value.kind.value));
  if (value?.kind.case === 'message') return JSON.stringify(sorted(tallyOf(value.kind.value)));
  throw new TypeError(`the workload writes no ${String(value?.kind.case)}`);
}

/** JSON with its keys in order; numbers as they are, since they may be larger than a double. */
function canonical(json: string): string {
  return /^\s*[[{]/.test(json) ? JSON.stringify(sorted(JSON.parse(json))) : json;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** The facts of a node as a read showed it. */
export function factsOf(node: Node): NodeFacts {
  const { value, createdRevision, modifiedRevision, version, author } = node;
  const [created, modified] = [Number(createdRevision), Number(modifiedRevision)];
  return { text: textOf(value), created, modified, version: Number(version), author };
}

/** What lies at or below `prefix`; everything for `/`. */
export function below<T>(state: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  return new Map([...state].filter(([path]) => isBelow(path, prefix)));
}

export function isBelow(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

export function textsOf(state: ModelState): Map<string, string> {
  return new Map(Array.from(state, ([path, { text }]) => [path, text]));
}

/** What a change makes of a value: its new text, for those that set one. */
function textAfter({ path, action }: Change, old: string | undefined): string | null {
  switch (action.case) {
    case 'put':
      return textOf(action.value);
    case 'append': {
      const { addition } = action.value;
      if (addition.case === 'text') return (old ?? '') + addition.value;
      if (addition.case === 'message')
        return JSON.stringify(sorted(mergedTally(tallyIn(old), tallyOf(addition.value))));
      if (addition.case !== 'items') throw new TypeError('the workload appends no bytes');
      const items = addition.value.json.map((item) => new TextDecoder().decode(item));
      const before: unknown = JSON.parse(old ?? '[]');
      if (!Array.isArray(before)) throw new TypeError(`${path} is no array: ${String(old)}`);
      return JSON.stringify(sorted([...before, ...items.map((item): unknown => JSON.parse(item))]));
    }
    case 'merge': {
      const { message, mask } = action.value;
      if (message !== undefined)
        return JSON.stringify(sorted(mergedTally(tallyIn(old), tallyOf(message), mask?.paths)));
      const patch: unknown = JSON.parse(new TextDecoder().decode(action.value.jsonPatch));
      return JSON.stringify(sorted(merged(old === undefined ? undefined : JSON.parse(old), patch)));
    }
    case 'increment': {
      const { increment, resultJson } = action.value;
      if (increment !== undefined && increment.field !== '') {
        const { tally, sum } = addedTo(tallyIn(old), BigInt(increment.amount.value ?? 0));
        const said = new TextDecoder().decode(resultJson);
        return said === sum ? JSON.stringify(sorted(tally)) : `${said} (not ${sum})`;
      }
      const amount = action.value.increment?.amount.value ?? 0;
      const sum = String(BigInt(/^-?\d+/.exec(old ?? '0')?.[0] ?? 0) + BigInt(amount));
      const told = new TextDecoder().decode(action.value.resultJson);
      return told === sum ? sum : `${told} (not ${sum})`;
    }
    default:
      return null;
  }
}

function tallyIn(text: string | undefined): Tally {
  return text === undefined ? {} : (JSON.parse(text) as Tally);
}

/** RFC 7396, as its own page 2 says it. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result = new Map<string, unknown>(isObject ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** Changes what a subscriber knows as an event says. A copy only clears: the copied nodes come behind it. */
export function applyTexts(state: Map<string, string>, changes: readonly Change[]): void {
  for (const change of changes) {
    const { path, action } = change;
    const text = textAfter(change, state.get(path));
    if (text !== null) state.set(path, text);
    else if (action.case === 'delete' && action.value.scope === DeleteScope.NODE) state.delete(path);
    else for (const each of below(state, path).keys()) state.delete(each);
  }
}

function applyChange(
  state: Map<string, ModelNode>,
  event: Event,
  change: Change,
  leaseId: string,
  past: readonly ModelState[],
): void {
  const { path, action } = change;
  const revision = Number(event.revision);
  const old = state.get(path);
  const text = textAfter(change, old?.text);
  if (text !== null) {
    state.set(path, {
      text,
      created: old?.created ?? revision,
      modified: revision,
      version: (old?.version ?? 0) + 1,
      author: change.author === '' ? event.author : change.author,
      leaseId: action.case === 'put' ? leaseId : (old?.leaseId ?? ''),
    });
    return;
  }
  if (action.case === 'delete') {
    if (action.value.scope === DeleteScope.NODE) state.delete(path);
    else for (const each of below(state, path).keys()) state.delete(each);
    return;
  }
  if (action.case !== 'copy') throw new TypeError(`the workload does no ${String(action.case)}`);
  const { sourcePath, sourceRevision } = action.value;
  const source = sourceRevision === 0n ? state : past[Number(sourceRevision)];
  const copied = [...below(source ?? new Map<string, ModelNode>(), sourcePath)];
  for (const each of below(state, path).keys()) state.delete(each);
  for (const [from, node] of copied)
    state.set(path + from.slice(sourcePath.length), {
      ...node,
      created: revision,
      modified: revision,
      leaseId: '',
    });
}

/**
 * The states after each revision, from the events of the trunk in their order. `leaseOf` knows to which lease a put was asked
 * to bind its node. Throws where a revision is missing.
 */
export function statesOf(
  events: readonly Event[],
  leaseOf: (requestId: string, index: number) => string,
): ModelState[] {
  const states: ModelState[] = [new Map()];
  for (const event of events) {
    if (Number(event.revision) !== states.length)
      throw new Error(`revision ${event.revision} follows on ${states.length - 1}`);
    const state = new Map(states.at(-1));
    for (const [index, change] of event.changes.entries())
      applyChange(state, event, change, leaseOf(event.requestId, index), states);
    states.push(state);
  }
  return states;
}

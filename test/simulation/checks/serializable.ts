/** 2: writes take effect in revision order, at one moment between request and reply; reads show the revision that they say. */
import { create } from '@bufbuild/protobuf';

import type { DiffRecord, ReadRecord, WriteRecord } from '../history.ts';
import { FieldConditionSchema, Presence } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { PreconditionInit } from '../requests.ts';
import { below, isBelow } from '../model.ts';
import type { ModelState, NodeFacts } from '../model.ts';
import { tallyHolds } from '../../support/tally.ts';
import type { Tally } from '../../support/tally.ts';
import { expectSame, inWords } from './scene.ts';
import type { Scene } from './scene.ts';

export function checkSerializable(scene: Scene): void {
  checkOrder(scene);
  for (const read of scene.forest.reads) checkRead(scene, read);
  for (const diff of scene.forest.diffs) checkDiff(scene, diff);
  for (const write of scene.forest.writes) checkPreconditions(scene, write);
  const last: ReadonlyMap<string, NodeFacts> = scene.states.at(-1) ?? new Map();
  expectSame(scene, 'the final state', scene.story.final, last);
}

interface Timed {
  readonly name: string;
  readonly invokedMs: number;
  readonly completedMs: number;
  readonly revision: number;
  readonly isWrite: boolean;
}

/** What was answered before something else was asked came before it. */
function checkOrder({ forest, expect }: Scene): void {
  const told = forest.writes
    .filter(({ revision }) => revision > 0)
    .map((write): Timed => ({ ...write, name: write.requestId, isWrite: true }));
  const shown = forest.reads
    .filter(({ isLinearizable }) => isLinearizable)
    .map((read): Timed => ({ ...read, name: `a read by ${read.client}`, isWrite: false }));
  const byCompletion = [...told, ...shown].sort((a, b) => a.completedMs - b.completedMs);
  const byInvocation = [...told, ...shown].sort((a, b) => a.invokedMs - b.invokedMs);
  let [next, newest, by] = [0, 0, ''];
  for (const { name, revision, invokedMs, isWrite } of byInvocation) {
    for (; ; next += 1) {
      const done = byCompletion[next];
      if (done === undefined || done.completedMs >= invokedMs) break;
      if (done.revision > newest) [newest, by] = [done.revision, done.name];
    }
    const [before, whose] = [newest, by];
    const what = (): string =>
      `${name} has revision ${revision}, though ${whose} had revision ${before} before it was asked`;
    expect(isWrite ? revision > before : revision >= before, what);
  }
}

function checkRead(scene: Scene, { client, revision, nodes, listed }: ReadRecord): void {
  const state: ReadonlyMap<string, NodeFacts> | undefined = scene.states[revision];
  const name = `a read by ${client} at revision ${revision}`;
  if (state === undefined) scene.expect(false, () => `${name}, which history does not have`);
  else if (listed !== null) expectSame(scene, name, nodes, below(state, listed));
  else {
    for (const [path, facts] of nodes) {
      const [shown, is] = [inWords(facts), inWords(state.get(path))];
      scene.expect(shown === is, () => `${name} showed ${path} as ${shown}; history has ${is}`);
    }
  }
}

/** All that differs in its text is told, and nothing that is the same in every way. */
function checkDiff({ states, expect }: Scene, { client, from, to, paths }: DiffRecord): void {
  const [before, after] = [states[from], states[to]];
  if (before === undefined || after === undefined) return;
  for (const path of new Set([...before.keys(), ...after.keys(), ...paths])) {
    const [one, other] = [before.get(path), after.get(path)];
    const isTold = paths.includes(path);
    const mustBeTold = one?.text !== other?.text;
    const mayBeTold = inWords(one) !== inWords(other);
    const what = (): string =>
      `${client} was told that ${path} ${isTold ? 'differs' : 'is the same'} in ${from} and ${to}: ${inWords(one)}, ${inWords(other)}`;
    expect(isTold ? mayBeTold : !mustBeTold, what);
  }
}

/** A diff that took effect found its preconditions fulfilled; one that was refused for them can have found one that was not. */
function checkPreconditions(scene: Scene, write: WriteRecord): void {
  const { requestId, revision, refusal, preconditions } = write;
  const { states, expect } = scene;
  if (preconditions.length === 0) return;
  const holdsAt = (at: number): boolean => preconditions.every((each) => holds(each, states, at));
  if (revision > 0)
    expect(holdsAt(revision - 1), () => `${requestId} made revision ${revision} against its preconditions`);
  if (refusal !== 'PRECONDITION_FAILED') return;
  const [first, last] = moments(scene, write);
  // Of a path that is absent the broker cannot always tell since when, and may say that it changed.
  if (preconditions.some(({ condition }) => condition?.case === 'subtreeUnchangedSince')) return;
  let canFail = false;
  for (let at = first; at <= last && !canFail; at += 1) canFail = !holdsAt(at);
  expect(canFail, () => `${requestId} was refused, and its preconditions held from ${first} to ${last}`);
}

/** The revisions at one of which a write must have been looked at. */
function moments({ forest, states }: Scene, { invokedMs, completedMs }: WriteRecord): [number, number] {
  let [first, last] = [0, states.length - 1];
  for (const other of forest.writes) {
    if (other.revision === 0) continue;
    if (other.completedMs < invokedMs) first = Math.max(first, other.revision);
    if (other.invokedMs > completedMs) last = Math.min(last, other.revision - 1);
  }
  return [first, last];
}

function holds(
  { path = '', condition }: PreconditionInit,
  states: readonly ModelState[],
  at: number,
): boolean {
  const state: ModelState = states[at] ?? new Map();
  switch (condition?.case) {
    case 'presence': {
      const isThere = [...state.keys()].some((each) => isBelow(each, path));
      return isThere === (condition.value === Presence.PRESENT);
    }
    case 'modifiedRevision':
      return BigInt(state.get(path)?.modified ?? 0) === condition.value;
    case 'version':
      return BigInt(state.get(path)?.version ?? 0) === condition.value;
    case 'subtreeUnchangedSince': {
      const then = below(states[Number(condition.value)] ?? new Map<string, NodeFacts>(), path);
      const now: ReadonlyMap<string, NodeFacts> = below(state, path);
      return (
        then.size === now.size &&
        [...then].every(([each, facts]) => inWords(facts) === inWords(now.get(each)))
      );
    }
    case 'field': {
      const text = state.get(path)?.text;
      const tally = text === undefined ? undefined : (JSON.parse(text) as Tally);
      return tallyHolds(tally, create(FieldConditionSchema, condition.value));
    }
    default:
      return true;
  }
}

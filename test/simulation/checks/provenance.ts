/**
 * Who had read what: what is told of it is exactly what agents had read, through any number of them; a cascade leaves the trunk as if what it undoes
 * had never happened; and who had read it is told so, once, and does not commit before having looked again. All of it is held against
 * what agents asked for and saw.
 */
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import type { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { Derivation } from '../derivation.ts';
import { mindPrefix, tokensIn } from '../knowledge.ts';
import type { CascadeRecord } from '../knowledge.ts';
import { applyTexts, below, isBelow, textsOf } from '../model.ts';
import { checkAwakenings } from './awakenings.ts';
import { checkTraces } from './traces.ts';
import { expectSame } from './scene.ts';
import type { Scene } from './scene.ts';

export function checkProvenance(scene: Scene): void {
  const { knowledge } = scene.forest;
  if (knowledge.thoughts.length === 0) return;
  const derivation = new Derivation(scene.story.events, knowledge);
  checkStored(scene);
  checkTokens(scene, derivation);
  checkTraces(scene, derivation);
  for (const cascade of knowledge.cascades) checkCascade(scene, derivation, cascade);
  checkForecasts(scene, derivation);
  checkTold(scene, derivation);
  checkAwakenings(scene, derivation);
}

/** What an agent says that it had read is stored with what it wrote. */
function checkStored({ forest, story, expect }: Scene): void {
  const { thoughts, dreams } = forest.knowledge;
  const said = new Map<string, string>();
  for (const { requestId, looks } of thoughts)
    said.set(requestId, looks.map(({ basis }) => inWords(basis)).join());
  for (const { diffs, commits } of dreams) {
    const staged = diffs.flatMap(({ looks }) => looks.map(({ basis }) => inWords(basis)));
    for (const { requestId, basis } of commits)
      said.set(requestId, [...staged, ...basis.map(inWords)].join());
  }
  for (const { requestId, revision, basis } of story.events) {
    const wanted = said.get(requestId);
    if (wanted === undefined) continue;
    const told = basis.map(inWords).join();
    expect(told === wanted, () => `${requestId} had read ${wanted}; revision ${revision} says ${told}`);
  }
}

function inWords({
  path,
  revision,
  extent,
  ghostId = '',
  sequence = 0n,
}: {
  readonly path: string;
  readonly revision: bigint;
  readonly extent?: BasisExtent;
  readonly ghostId?: string;
  readonly sequence?: bigint;
}): string {
  return `${String(extent)} ${path} at ${revision} ${ghostId} ${sequence}`;
}

/** The oracle itself: an agent that has seen a text is derived from whoever wrote it, unless a revert brought the text back. */
function checkTokens({ forest, story, expect }: Scene, derivation: Derivation): void {
  const writers = new Map<string, number>();
  for (const { revision, changes, revertedRevision } of story.events) {
    if (revertedRevision !== 0n) continue;
    for (const token of changes.flatMap(textIn)) writers.set(token, Number(revision));
  }
  const revisions = new Map(story.events.map(({ requestId, revision }) => [requestId, Number(revision)]));
  for (const { requestId, looks } of forest.knowledge.thoughts) {
    const reader = revisions.get(requestId);
    const publish = derivation.publishes.get(reader ?? 0);
    if (reader === undefined || publish === undefined) continue;
    if (derivation.isMended(reader)) continue;
    for (const token of looks.flatMap(({ tokens }) => tokens)) {
      const writer = writers.get(token);
      const isDerived = writer !== undefined && derivation.downstream(writer, reader).has(reader);
      expect(
        isDerived,
        () => `${requestId} had read ${token} of revision ${writer}, and counts as not derived from it`,
      );
    }
  }
}

function textIn({ path, action }: Event['changes'][number]): readonly string[] {
  if (!isBelow(path, mindPrefix)) return [];
  if (action.case === 'put' && action.value.kind.case === 'text') return tokensIn(action.value.kind.value);
  if (action.case === 'append' && action.value.addition.case === 'text')
    return tokensIn(action.value.addition.value);
  return [];
}

/** A cascade undoes what was derived, all of that, and nothing else: where that had written it is as if that had never happened. */
function checkCascade(
  scene: Scene,
  derivation: Derivation,
  { requestId, target, undone }: CascadeRecord,
): void {
  const { forest, story, states, expect } = scene;
  const event = story.events.find((each) => each.requestId === requestId);
  if (event === undefined) return;
  const revision = Number(event.revision);
  const expected = derivation.undone(target, revision - 1);
  if (undone !== null) {
    const [told, is] = [undone.join(), namesOf(expected).join()];
    expect(
      told === is,
      () => `${requestId} says that it undoes ${told}, and derived from ${target} is ${is}`,
    );
  }
  expect(Number(event.revertedRevision) === target, () => `${requestId} took back ${event.revertedRevision}`);
  const [before, after] = [states[revision - 1], states[revision]];
  // What was there before history was given up, nobody can compute any more.
  if (before === undefined || after === undefined || forest.compactedMax > 0) return;
  const without = new Map<string, string>();
  for (const each of remaining(derivation, scene, expected, revision)) applyCopied(without, each);
  const isPlace = (path: string): boolean => derivation.hasWritten(expected.keys(), path);
  const places = <T>(state: ReadonlyMap<string, T>, isWanted: boolean): Map<string, T> =>
    new Map([...state].filter(([path]) => isPlace(path) === isWanted));
  const name = `revision ${revision}, a cascade of ${target},`;
  expectSame(scene, name, textsOf(places(after, true)), places(without, true));
  expectSame(scene, `${name} elsewhere`, textsOf(places(after, false)), textsOf(places(before, false)));
}

/** As the model applies it; but a copy of the newest state copies what is there without what was undone. */
function applyCopied(state: Map<string, string>, { changes }: Event): void {
  for (const change of changes) {
    if (!isBelow(change.path, mindPrefix)) continue;
    const { path, action } = change;
    const copied = action.case === 'copy' ? [...below(state, action.value.sourcePath)] : [];
    applyTexts(state, [change]);
    if (action.case !== 'copy') continue;
    const { sourcePath } = action.value;
    for (const [from, text] of copied) state.set(path + from.slice(sourcePath.length), text);
  }
}

/**
 * Publishes that a world without what is undone consists of. A revert that stands has left the trunk as if what it took back had never
 * happened; one that was taken back in turn is as if it had never been.
 */
function remaining(
  derivation: Derivation,
  { forest, story }: Scene,
  undone: ReadonlyMap<number, number>,
  until: number,
): readonly Event[] {
  const absent = new Set<number>();
  for (const event of story.events.slice(0, until - 1).toReversed()) {
    // One that found nothing left to take back counts as well.
    if (event.revertedRevision === 0n) continue;
    const revision = Number(event.revision);
    const stands = !undone.has(revision) && !absent.has(revision);
    absent.add(revision);
    const isCascade = forest.knowledge.cascades.some(({ requestId }) => requestId === event.requestId);
    const target = Number(event.revertedRevision);
    const takenBack = isCascade ? derivation.undone(target, revision - 1).keys() : [target];
    if (stands) for (const each of takenBack) absent.add(each);
  }
  const isLeft = (revision: number): boolean =>
    revision < until && !undone.has(revision) && !absent.has(revision);
  return [...derivation.publishes.values()]
    .filter(({ revision }) => isLeft(revision))
    .map(({ event }) => event);
}

function namesOf(undone: ReadonlyMap<number, number>): string[] {
  return [...undone].sort(([one], [other]) => one - other).map(([revision, hops]) => `${hops}: ${revision}`);
}

/** A report says what a cascade would have undone at some moment while it was asked for. */
function checkForecasts({ forest, expect, states }: Scene, derivation: Derivation): void {
  for (const { client, target, undone, invokedMs, completedMs } of forest.knowledge.forecasts) {
    let [first, last] = [0, states.length - 1];
    for (const write of forest.writes) {
      if (write.revision === 0) continue;
      if (write.completedMs < invokedMs) first = Math.max(first, write.revision);
      if (write.invokedMs > completedMs) last = Math.min(last, write.revision - 1);
    }
    const told = undone.join();
    let isOfAMoment = false;
    for (let at = first; at <= last && !isOfAMoment; at += 1)
      isOfAMoment = namesOf(derivation.undone(target, at)).join() === told;
    expect(
      isOfAMoment,
      () => `${client} was told that ${told} would go with ${target}, as of ${first} to ${last}`,
    );
  }
}

/** Those who had read what was taken back are told, each once; nobody else is. */
function checkTold({ forest, story, expect }: Scene, derivation: Derivation): void {
  const { knowledge } = forest;
  for (const { requestId, target } of knowledge.cascades) {
    const event = story.events.find((each) => each.requestId === requestId);
    if (event === undefined) continue;
    const authors = new Map<string, number[]>();
    for (const revision of derivation.undone(target, Number(event.revision) - 1).keys()) {
      if (revision === target) continue;
      const author = derivation.publishes.get(revision)?.author ?? '';
      authors.set(
        author,
        [...(authors.get(author) ?? []), revision].sort((a, b) => a - b),
      );
    }
    const told = event.basisReverted.filter(({ revisions }) => revisions.length > 0);
    const names = told.map(({ author, revisions }) => `${author}: ${revisions.join()}`).sort();
    const is = Array.from(authors, ([author, revisions]) => `${author}: ${revisions.join()}`).sort();
    const what = (): string => `${requestId} tells ${names.join('; ')}; who had read it are ${is.join('; ')}`;
    expect(names.join() === is.join(), what);
  }
  for (const { agent, fromRevision, untilRevision, told } of knowledge.told) {
    const events = story.events.slice(fromRevision, untilRevision);
    const is = events.flatMap(({ revision, basisReverted }) =>
      basisReverted
        .filter(({ author }) => author === agent)
        .map(({ revisions }) => `${revision}: ${revisions.join()}`),
    );
    const heard = told
      .filter(([revision]) => revision <= untilRevision)
      .map(
        ([revision, { author, revisions }]) =>
          `${revision}: ${author === agent ? '' : author}${revisions.join()}`,
      );
    const what = (): string =>
      `${agent} was told ${heard.join('; ')} from ${fromRevision} to ${untilRevision}; history has ${is.join('; ')}`;
    expect(heard.join() === is.join(), what);
  }
}

/** What `Trace` told is exactly what was read. */
import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { SeenStanding, TraceDirection } from '../../../src/gen/hyperloom/v1/trace_pb.ts';
import type { SeenNode, TraceEntry } from '../../../src/gen/hyperloom/v1/trace_pb.ts';
import type { Derivation, Publish } from '../derivation.ts';
import type { Dream, TraceRecord } from '../knowledge.ts';
import { below, textOf } from '../model.ts';
import type { ModelNode, ModelState } from '../model.ts';
import type { Scene } from './scene.ts';

export function checkTraces(scene: Scene, derivation: Derivation): void {
  for (const trace of scene.forest.knowledge.traces) {
    if (trace.direction === TraceDirection.UPSTREAM && !trace.isRefused) checkUpstream(scene, trace);
    else checkDownstream(scene, derivation, trace);
  }
}

function checkDownstream(scene: Scene, derivation: Derivation, trace: TraceRecord): void {
  const { expect, states } = scene;
  const { start, revision, entries, compactedMax, client } = trace;
  if (trace.isRefused) {
    checkRefused(scene, trace);
    return;
  }
  const expected = derivation.downstream(start, revision);
  const told = entries.flatMap(({ hops, entry }) =>
    entry.case === 'derived' && (entry.value.event?.revision ?? 0n) > 0n
      ? [[Number(entry.value.event?.revision), hops] as const]
      : [],
  );
  const name = `${client} asked at revision ${revision} who has used ${start}`;
  const inWords = (found: Iterable<readonly [number, number]>): string =>
    [...found].map(([each, hops]) => `${hops}: ${each}`).join();
  if (start > compactedMax) {
    const is = [...expected].sort(([a, one], [b, other]) => one - other || a - b);
    expect(
      inWords(told) === inWords(is),
      () => `${name}, and was told ${inWords(told)}; it is ${inWords(is)}`,
    );
  } else {
    const possible = derivation.downstreamAtMost(start, revision, compactedMax);
    const wrong = told.filter(([each]) => !possible.has(each));
    expect(wrong.length === 0, () => `${name}, and was told ${inWords(wrong)}, who have not`);
    // Of what was given up, that is kept whose work is there: so what was read of it since is known.
    if (!isThere(states[revision], start)) return;
    const hasRead = (reads: Publish['reads']): boolean =>
      reads.some((read) => read.at >= compactedMax && derivation.shown(read).has(start));
    const missing = [...derivation.publishes.values()].find(
      (each) =>
        each.revision > compactedMax &&
        each.revision <= revision &&
        hasRead(each.reads) &&
        !told.some(([found]) => found === each.revision),
    );
    expect(
      missing === undefined,
      () => `${name}, whose work is there, and was not told ${missing?.revision}`,
    );
  }
  if (start > compactedMax) checkLive(scene, derivation, trace);
}

/** Only what is not there any more may have been given up. */
function checkRefused({ expect, states }: Scene, { start, client }: TraceRecord): void {
  const isAlwaysThere = states.slice(start).every((state) => isThere(state, start));
  expect(!isAlwaysThere, () => `${client} was refused a trace of ${start}, whose work is there`);
}

/** Whether what a revision wrote is there. */
function isThere(state: ModelState | undefined, revision: number): boolean {
  return [...(state?.values() ?? [])].some(({ modified }) => modified === revision);
}

/** What is staged in live ghosts is told as soon as it is safe on the disk; nothing that has not read it is. */
function checkLive({ forest, expect }: Scene, derivation: Derivation, trace: TraceRecord): void {
  const { start, revision, entries, client, invokedMs, completedMs } = trace;
  const reached = new Set([start, ...derivation.downstream(start, revision).keys()]);
  const told = entries.flatMap(({ entry }) =>
    entry.case === 'derived' && entry.value.event?.revision === 0n
      ? [`${entry.value.event.ghostId} ${entry.value.event.transition?.sequence ?? 0n}`]
      : [],
  );
  const known = new Set<string>();
  for (const dream of forest.knowledge.dreams) {
    let isReached = false;
    for (const diff of dream.diffs) {
      // Through what was staged before it in its own ghost, too.
      const isHit = derivation.hits(dream, diff, reached).length > 0;
      isReached ||= isHit;
      const name = `${dream.ghostId} ${diff.sequence}`;
      if (isReached || diff.sequence === 0) known.add(name);
      if (!isHit) continue;
      const isSafe = forest.writes.some(
        (write) =>
          write.revision > 0 &&
          write.startedMs === diff.startedMs &&
          write.invokedMs > diff.completedMs &&
          write.completedMs < invokedMs,
      );
      if (!isSafe || !isAlive(dream, completedMs)) continue;
      expect(told.includes(name), () => `${client} was not told diff ${name}, which has used ${start}`);
    }
  }
  const unnamed = forest.knowledge.dreams.flatMap(({ ghostId, diffs }) =>
    diffs.some(({ sequence }) => sequence === 0) ? [ghostId] : [],
  );
  const wrong = told.find((name) => !known.has(name) && !unnamed.includes(name.split(' ')[0] ?? ''));
  expect(wrong === undefined, () => `${client} was told diff ${wrong}, which has not used ${start}`);
}

/** For certain: its worker has given a sign within its ttl, and nobody has asked for its end. */
function isAlive({ diffs, endInvokedMs }: Dream, atMs: number): boolean {
  const lastSignMs = Math.max(...diffs.map(({ completedMs }) => (completedMs < atMs ? completedMs : 0)));
  return endInvokedMs > atMs && atMs - lastSignMs < 900;
}

/** Every node that was seen, with the value that it had then, and how that compares with now. */
function checkUpstream({ forest, story, states, expect }: Scene, trace: TraceRecord): void {
  const { start, entries, compactedMax, client, revision } = trace;
  const requestId = story.events[start - 1]?.requestId;
  const thought = forest.knowledge.thoughts.find((each) => each.requestId === requestId);
  if (thought === undefined || start <= compactedMax) return;
  const copies = thought.operations.some(({ action }) => action?.case === 'copy');
  const first = entries.filter(({ hops }) => hops === 1).flatMap(seenIn);
  // What a compaction leaves may not lead to each revision that it keeps: one that holds a copy of what is gone it may not.
  const isGone = ({ standing }: SeenNode): boolean => compactedMax > 0 && standing === SeenStanding.GONE;
  const gone = new Set(first.filter(isGone).map(({ basis }) => basis?.revision));
  const isKnown = (revision = 0n): boolean => Number(revision) >= compactedMax && !gone.has(revision);
  const looks = thought.looks.filter(({ basis }) => isKnown(basis.revision));
  const expected = looks.flatMap(({ basis }) => {
    const state: ModelState = states[Number(basis.revision)] ?? new Map();
    const nodes: (readonly [string, ModelNode])[] =
      basis.extent === BasisExtent.SUBTREE
        ? [...below(state, basis.path)]
        : [...state].filter(([path]) => path === basis.path);
    const at = basis.revision;
    if (nodes.length === 0) return [`${basis.path} at ${at}: nothing`];
    return nodes.map(([path, { text, modified }]) => `${path} at ${at}: ${text} ${modified}`);
  });
  const own = first.filter(({ basis }) => isKnown(basis?.revision));
  const told = own.map(({ basis, node }) => {
    const at = basis?.revision;
    if (node === undefined) return `${basis?.path} at ${at}: nothing`;
    return `${node.path} at ${at}: ${textOf(node.value)} ${node.modifiedRevision}`;
  });
  const [is, all] = [[...new Set(expected)].sort().join('; '), [...new Set(told)].sort().join('; ')];
  // A copy reads its source as well.
  if (!copies) expect(is === all, () => `${client} was told that ${start} had seen ${all}; it was ${is}`);
  const last = states.length - 1;
  for (const seen of own) {
    let isSo = false;
    for (let now = revision; now <= last && !isSo; now += 1) isSo = standsSo(seen, states, now);
    expect(
      isSo,
      () =>
        `${client} was told that ${seen.node?.path} of revision ${seen.basis?.revision} is ${seen.standing}`,
    );
  }
}

function seenIn({ entry }: TraceEntry): readonly SeenNode[] {
  return entry.case === 'seen' ? [entry.value] : [];
}

function standsSo({ basis, node, standing }: SeenNode, states: readonly ModelState[], now: number): boolean {
  const path = node?.path ?? basis?.path ?? '';
  const then = states[Number(basis?.revision ?? 0n)]?.get(path);
  const today = states[now]?.get(path);
  const isSame = then?.modified === today?.modified && then?.version === today?.version;
  return isSame === (standing === SeenStanding.UNCHANGED);
}

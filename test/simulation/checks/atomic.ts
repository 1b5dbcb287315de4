/** 1: a diff is applied whole or not at all, and no reader or subscriber ever sees a part of it. */
import type { Change, Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import { DeleteScope } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { WriteRecord } from '../history.ts';
import { below, textOf } from '../model.ts';
import type { ModelState } from '../model.ts';
import type { OperationInit } from '../requests.ts';
import { expectSame } from './scene.ts';
import type { Scene } from './scene.ts';

export function checkAtomic(scene: Scene): void {
  checkTwins(scene);
  for (const write of scene.forest.writes) checkWhole(scene, write);
  for (const event of scene.story.events) {
    // Of a cascade others may have built on what it takes back: checked with provenance.
    const isCascade = scene.forest.knowledge.cascades.some(({ requestId }) => requestId === event.requestId);
    if (event.revertedRevision !== 0n && !isCascade) checkTakenBack(scene, event);
    if (event.leaseId !== '') checkLeaseEnd(scene, event);
  }
}

/** Both nodes of a pair are written by one diff, so they are always equal. */
function checkTwins({ forest, expect }: Scene): void {
  const seen = [
    ...forest.reads.map(({ client, revision, nodes }) => {
      const texts = new Map(Array.from(nodes, ([path, facts]) => [path, facts?.text ?? null]));
      return { client, revision, state: texts };
    }),
    ...forest.subscribers.flatMap(({ client, seen: all }) =>
      all.map(({ revision, state }) => ({ client, revision, state })),
    ),
  ];
  for (const { client, revision, state } of seen) {
    let half = '';
    for (const [path, text] of state) {
      if (!path.endsWith('/a') || !state.has(`${path.slice(0, -1)}b`)) continue;
      const other = state.get(`${path.slice(0, -1)}b`);
      if (other !== text) half = `${path} is ${text}, its twin ${other}`;
    }
    expect(half === '', () => `${client} saw half a diff at revision ${revision}: ${half}`);
  }
}

/** The revision that a write made tells all that was asked for, in order, and nothing else. */
function checkWhole({ story, expect }: Scene, { requestId, revision, operations }: WriteRecord): void {
  const event = story.events[revision - 1];
  if (revision === 0 || operations.length === 0 || event === undefined) return;
  const asked = operations.map(wordsOf).join(', ');
  const told = event.changes.map(wordsOfChange).join(', ');
  expect(asked === told, () => `${requestId} asked for ${asked}; revision ${revision} did ${told}`);
}

function wordsOf({ path, action }: OperationInit): string {
  const value = action?.case === 'put' && action.value.kind?.case === 'text' ? action.value.kind.value : '';
  return `${String(action?.case)} ${path} ${value}`;
}

function wordsOfChange({ path, action }: Change): string {
  const value = action.case === 'put' && action.value.kind.case === 'text' ? textOf(action.value) : '';
  return `${String(action.case)} ${path} ${value}`;
}

/** A revision that was taken back left nothing behind, and nobody had built on what it did. */
function checkTakenBack(scene: Scene, event: Event): void {
  const { states, story } = scene;
  const [revision, back] = [Number(event.revision), Number(event.revertedRevision)];
  const reverted = story.events[back - 1];
  const [before, after] = [states[back - 1], states[back]];
  const [last, now] = [states[revision - 1], states[revision]];
  if (!reverted || !before || !after || !last || !now) return;
  for (const { path, action } of reverted.changes) {
    // Increments commute, so only their own part is taken back.
    if (action.case === 'increment') continue;
    const isSubtree =
      action.case === 'copy' || (action.case === 'delete' && action.value.scope !== DeleteScope.NODE);
    const part = (state: ModelState): Map<string, string> => {
      const nodes = isSubtree ? below(state, path) : new Map([...state].filter(([each]) => each === path));
      return new Map(Array.from(nodes, ([each, { text }]) => [each, text]));
    };
    expectSame(scene, `revision ${revision}, which takes back ${back}`, part(now), part(before));
    expectSame(scene, `before revision ${revision}, which takes back ${back}`, part(last), part(after));
  }
}

/** The end of a lease deletes all that is bound to it in one revision, and nothing else. */
function checkLeaseEnd({ states, expect }: Scene, { revision, leaseId, changes }: Event): void {
  const before = states[Number(revision) - 1] ?? new Map();
  const bound = [...before].filter(([, node]) => node.leaseId === leaseId).map(([path]) => path);
  const deleted = changes.map(({ path }) => path);
  const isSame = new Set([...bound, ...deleted]).size === bound.length && bound.length === deleted.length;
  const what = (): string =>
    `the end of lease ${leaseId} deleted ${deleted.join()} at revision ${revision}; bound to it were ${bound.join()}`;
  expect(isSame, what);
}

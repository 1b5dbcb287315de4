/** Values that a schema is about fit it, at every revision; what a schema gate has dropped stays so; and what is added to fields is there, once. */
import { typedPrefix } from '../agents/typist.ts';
import { below, isBelow } from '../model.ts';
import { tallyOf, tallyPrefix } from '../../support/tally.ts';
import type { Tally } from '../../support/tally.ts';
import type { Scene } from './scene.ts';

export function checkTyped(scene: Scene): void {
  checkFits(scene);
  checkTallies(scene);
  checkConflicts(scene);
}

/** No line is lost or written twice: each is where it was appended, and once in every state. */
function checkTallies({ forest, states, expect }: Scene): void {
  for (const [revision, state] of states.entries()) {
    for (const [path, { text }] of below(state, tallyPrefix)) {
      const { lines = [] } = JSON.parse(text) as Tally;
      const isOnce = new Set(lines).size === lines.length;
      expect(isOnce, () => `revision ${revision} has a line twice at ${path}: ${lines.join()}`);
    }
  }
  for (const { requestId, revision, operations } of forest.writes) {
    const state = states[revision];
    if (revision === 0 || state === undefined) continue;
    const [last] = operations.slice(-1);
    const action = last?.action;
    if (action?.case !== 'append' || action.value.addition?.case !== 'message') continue;
    const { lines = [] } = tallyOf({ value: action.value.addition.value.value ?? new Uint8Array() });
    const { lines: now = [] } = JSON.parse(state.get(last?.path ?? '')?.text ?? '{}') as Tally;
    const isThere = now.slice(-lines.length).join() === lines.join();
    expect(isThere, () => `${requestId} appended ${lines.join()} at revision ${revision}: ${now.join()}`);
  }
}

/** Appends and increments conflict with nothing but what puts the node back to an older state. */
function checkConflicts({ forest, story, expect }: Scene): void {
  for (const { ghostId, path, base } of forest.conflicted) {
    const others = story.events.filter(
      ({ revision, changes }) =>
        Number(revision) > base &&
        changes.some(({ path: at, action }) => isBelow(path, at) && !isAdded(action.case)),
    );
    expect(others.length > 0, () => `ghost ${ghostId} has only appended and added at ${path}, and conflicts`);
  }
}

function isAdded(action: string | undefined): boolean {
  return action === 'append' || action === 'increment';
}

function checkFits({ forest, states, expect }: Scene): void {
  const { declared, droppedTexts } = forest;
  const inForce = declared.toSorted((one, other) => one.revision - other.revision);
  if (inForce.length === 0) return;
  let next = 0;
  let maximum = Infinity;
  for (const [revision, state] of states.entries()) {
    for (; (inForce[next]?.revision ?? Infinity) <= revision; next += 1)
      maximum = inForce[next]?.maximum ?? maximum;
    for (const [path, { text }] of below(state, typedPrefix)) {
      const { n, by } = JSON.parse(text) as { readonly n: number; readonly by: string };
      expect(n <= maximum, () => `revision ${revision} has ${n} at ${path}, where up to ${maximum} may be`);
      const what = (): string => `${by} was dropped by a schema gate, and is in revision ${revision}`;
      expect(!droppedTexts.includes(by), what);
    }
  }
}

/** 2: where a ghost was committed serializably, all that it had read is at its commit as it was when it was read. */
import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { tokensIn } from '../knowledge.ts';
import type { Dream, Look } from '../knowledge.ts';
import { below, textsOf } from '../model.ts';
import type { ModelState } from '../model.ts';
import type { Scene } from './scene.ts';

export function checkReadsStand({ forest, story, states, expect }: Scene): void {
  for (const dream of forest.knowledge.dreams) {
    if (!dream.isSerializable) continue;
    const ids = new Set(dream.commits.map(({ requestId }) => requestId));
    const commit = story.events.find(({ requestId }) => ids.has(requestId));
    if (commit === undefined) continue;
    const revision = Number(commit.revision);
    const [base, before] = [states[dream.baseRevision], states[revision - 1]];
    if (base === undefined || before === undefined) continue;
    for (const look of dream.diffs.flatMap(({ looks }) => looks)) {
      const { path } = look.basis;
      const [then, now] = [shownThen(look, dream, base), shown(look, before)];
      expect(
        then === now,
        () =>
          `ghost ${dream.ghostId} had read "${then}" at ${path}, and was committed behind "${now}" at ${revision}`,
      );
    }
  }
}

/** What a look showed. In the ghost itself, what it stands on there: what it had staged is no matter of others. */
function shownThen(look: Look, dream: Dream, base: ModelState): string {
  return look.basis.ghostId === dream.ghostId ? shown(look, base) : look.tokens.toSorted().join(' ');
}

/** The tokens that a look would show in a state. A listing shows what lies below. */
function shown({ basis: { path, extent } }: Look, state: ModelState): string {
  if (extent === BasisExtent.NODE)
    return tokensIn(state.get(path)?.text ?? '')
      .toSorted()
      .join(' ');
  const texts = textsOf(below(state, path));
  if (extent === BasisExtent.SUBTREE) texts.delete(path);
  return [...texts.values()].flatMap(tokensIn).toSorted().join(' ');
}

/** 9: state is a function of the journal: whoever reaches a position has the same hash there, live, restarted, or elsewhere. */
import type { Scene } from './scene.ts';

export function checkDeterministic({ forest, story, expect }: Scene): void {
  const known = new Map<number, { readonly hash: string; readonly by: string }>();
  for (const { position, hash, by } of [...forest.hashes, ...story.hashes]) {
    const first = known.get(position);
    if (first === undefined) known.set(position, { hash, by });
    else
      expect(
        first.hash === hash,
        () => `position ${position} has the state hash ${first.hash} for ${first.by}, and ${hash} for ${by}`,
      );
  }
}

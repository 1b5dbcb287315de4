/** 7: ordered, unique, reliable, atomic, resumable, bookmarkable: for a subtree of the trunk, and for everything. */
import { below, textsOf } from '../model.ts';
import { expectSame } from './scene.ts';
import type { Scene } from './scene.ts';

export function checkSubscriptions(scene: Scene): void {
  checkCopies(scene);
  checkStretches(scene);
}

/** A subscriber that has only applied what it was told has, at each revision it was told of, exactly the state of then. */
function checkCopies(scene: Scene): void {
  const { forest, states, expect } = scene;
  for (const { client, prefix, seen, broken } of forest.subscribers) {
    expect(broken.length === 0, () => `${client}: ${broken.join(', ')}`);
    for (const { revision, state } of seen) {
      const is = states[revision];
      if (is === undefined)
        expect(false, () => `${client} was told of revision ${revision}, which history does not have`);
      else
        expectSame(
          scene,
          `what ${client} knows of ${prefix} at revision ${revision}`,
          state,
          textsOf(below(is, prefix)),
        );
    }
  }
}

/** Who watches everything was told all events between two positions, in order, each once. */
function checkStretches({ forest, story, expect }: Scene): void {
  for (const { client, afterPosition, untilPosition, events } of forest.stretches) {
    const from = Math.max(afterPosition, story.oldestPosition);
    const told = events.filter(([position]) => position > from && position <= untilPosition);
    const is = [...story.everything]
      .filter(([position]) => position > from && position <= untilPosition)
      .flatMap(([position, digests]) => digests.map((digest) => [position, digest] as const));
    const [one, other] = [told.map(String).join('\n'), is.map(String).join('\n')];
    const at = told.findIndex((each, index) => String(each) !== String(is[index]));
    expect(
      one === other,
      () =>
        `${client} was told ${told.length} events from ${from} to ${untilPosition}, and history has ${is.length}: ${String(told[at])}, ${String(is[at])}`,
    );
  }
}

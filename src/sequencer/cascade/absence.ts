/**
 * What was taken back before. A revert that still stands has left the trunk as if what it undid had never happened; so a world without
 * what is undone now is also one without that, and without the revert. One that was taken back in turn is as if it had never been.
 */
import type { Command } from '../../state/command.ts';
import type { Absence } from './counterfactual.ts';

/** The revisions that a command has taken back; `null` where it is no revert. */
export function takenBackBy(command: Command): readonly number[] | null {
  if (command.kind === 'revert_revision') return [command.revision];
  if (command.kind === 'revert_cascade') return command.undone.map(({ revision }) => revision);
  return null;
}

/** What a world without `undone` is without. `reverts` says what each revert that is known of has taken back, oldest first. */
export function absenceOf(
  undone: ReadonlySet<number>,
  reverts: ReadonlyMap<number, readonly number[]>,
): Absence {
  const before = new Set<number>();
  for (const [revision, takenBack] of [...reverts].toReversed()) {
    const stands = !undone.has(revision) && !before.has(revision);
    before.add(revision);
    if (stands) for (const each of takenBack) before.add(each);
  }
  return { undone, before };
}

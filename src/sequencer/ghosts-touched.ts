/** Whose standing a command may have changed. */
import type { Command } from '../state/command.ts';
import type { Applied } from '../state/forest.ts';

/** Ids of the ghosts that a command may have changed or ended. */
export function* ghostsTouched(command: Command, { effects }: Applied): Generator<string> {
  if ('ghostId' in command && command.ghostId !== '') yield command.ghostId;
  if (effects.parentId !== '') yield effects.parentId;
  yield* effects.endedGhostIds;
}

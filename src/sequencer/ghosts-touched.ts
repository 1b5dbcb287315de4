/** Whose standing a command may have changed. */
import type { Command } from '../state/command.ts';
import type { Applied } from '../state/forest.ts';

/** Ids of the ghosts that a command may have changed or ended. */
export function ghostsTouched(command: Command, { effects }: Applied): readonly string[] {
  const { parentId, endedGhostIds } = effects;
  const own = 'ghostId' in command ? command.ghostId : '';
  // Most commands are about no ghost, or about one.
  if (own === '' && parentId === '') return endedGhostIds;
  if (parentId === '' && endedGhostIds.length === 0) return [own];
  return [own, parentId, ...endedGhostIds].filter((ghostId) => ghostId !== '');
}

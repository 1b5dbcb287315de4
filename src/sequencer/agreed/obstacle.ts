/** What is in the way of a write that waits for locks, at its place in the log. */
import type { Command } from '../../state/command.ts';
import type { ForestState } from '../../state/forest.ts';
import { checkFences, fencedOperations } from '../../state/locks/fencing.ts';
import type { FencedCommand } from '../../state/locks/fencing.ts';
import type { Outcome } from '../../state/outcome.ts';

/** The lock of somebody else that a write would be refused for, unless it has been answered before. */
export function obstacleOf(state: ForestState, command: Command): Outcome | null {
  const { request } = command;
  if (!isFenced(command) || (request !== null && state.requests.find(request.id) !== undefined)) return null;
  const refused = checkFences(state, command, fencedOperations(state, command));
  return refused?.reason === 'LOCKED' ? refused : null;
}

function isFenced(command: Command): command is FencedCommand {
  const { kind } = command;
  return (
    kind === 'publish' || kind === 'commit_ghost' || kind === 'revert_revision' || kind === 'revert_cascade'
  );
}

/**
 * What a forest may grow to. It is looked at before a command is proposed, so that nothing of it is journaled: a figure that an operator
 * changes never changes what a journal means.
 */
import type { Command, Operation } from '../state/command.ts';
import type { ForestState } from '../state/forest.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { find } from '../trie/lookup.ts';

/** Infinity: as much as the broker can. */
export interface ForestBounds {
  /** Nodes with a value on the trunk. */
  readonly nodes: number;
  /** Bytes on disk. */
  readonly bytes: number;
}

export const unbounded: ForestBounds = { nodes: Infinity, bytes: Infinity };

/** Why a command would take the forest beyond its bounds; `null` where it does not. */
export function beyondBounds(
  state: ForestState,
  storedBytes: number,
  { nodes, bytes }: ForestBounds,
  command: Command,
): Rejection | null {
  const more = command.kind === 'publish' && command.ghostId !== '' ? 0 : newNodes(state, command);
  if (more > 0 && state.root.count + more > nodes) {
    const message = `the forest may have ${nodes} nodes and has ${state.root.count}: delete some first`;
    return reject('QUOTA_EXCEEDED', message, { limit: 'nodes', maximum: nodes, actual: state.root.count });
  }
  if (storedBytes < bytes || !isWrite(command)) return null;
  const message = `the forest may take ${bytes} bytes on disk and takes ${storedBytes}: give up history (compact), or delete nodes first`;
  return reject('QUOTA_EXCEEDED', message, { limit: 'bytes', maximum: bytes, actual: storedBytes });
}

/** What makes the journal grow on behalf of a client, and takes nothing away. */
function isWrite(command: Command): boolean {
  switch (command.kind) {
    case 'publish':
      return command.operations.some(({ kind }) => kind !== 'delete');
    case 'commit_ghost':
    case 'begin_ghost':
    case 'register_schema':
      return true;
    default:
      return false;
  }
}

/** At most so many nodes come with it. */
function newNodes(state: ForestState, command: Command): number {
  if (command.kind === 'commit_ghost') {
    const ghost = state.ghosts.get(command.ghostId);
    if (ghost === undefined || ghost.parentId !== '') return 0;
    return Math.max(0, ghost.root.count - ghost.base.count);
  }
  if (!('operations' in command)) return 0;
  let count = 0;
  for (const operation of command.operations) count += nodesOf(state, operation);
  return count;
}

function nodesOf({ root }: ForestState, operation: Operation): number {
  if (operation.kind === 'delete') return 0;
  // What an old revision had there is not looked up: as much as is there now.
  if (operation.kind === 'copy') return find(root, operation.source)?.count ?? 1;
  const entry = find(root, operation.path)?.entry ?? null;
  return entry === null ? 1 : 0;
}

/** How many of them an author has. */
export function countOf(items: Iterable<{ readonly author: string }>, author: string): number {
  let count = 0;
  for (const item of items) if (item.author === author) count += 1;
  return count;
}

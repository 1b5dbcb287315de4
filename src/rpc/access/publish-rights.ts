/** Who may publish what: each diff by itself, in calls and in streams. */
import { anybody, type Caller } from '../../access/caller.ts';
import type { PublishRequest } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { BasisEntry, Precondition, Publish } from '../../state/command.ts';
import { parsePath } from '../../trie/path.ts';
import { deny, authorFor, rightsIn } from './need.ts';
import { needGhost, needOperation, type KnownForests } from './ghost-rights.ts';
import { takePublish } from './quota-checks.ts';

/** The command as the caller may give it: its author is the principal, or somebody that the principal may speak as. */
export function allowPublish(
  forests: KnownForests,
  caller: Caller,
  forest: string,
  command: Publish,
): Publish {
  if (caller === anybody) return command;
  const permission = command.ghostId === '' ? 'write' : 'ghost';
  for (const operation of command.operations) needOperation(caller, permission, forest, operation);
  if (command.ghostId !== '') needGhost(forests, caller, forest, command.ghostId);
  for (const condition of command.preconditions) needCondition(caller, forest, condition);
  // Without operations it asks for what came of a request before, and paths were not read: somewhere it must be allowed.
  if (command.operations.length === 0 && !rightsIn(caller, forest).maySome(permission, []))
    deny(caller, permission, forest);
  const author = authorFor(caller, command.author);
  takePublish(caller);
  const basis = readableBasis(caller, forest, command.basis);
  return author === command.author && basis === command.basis ? command : { ...command, author, basis };
}

/**
 * The same for a message whose values are not read yet: what they would be read by may be nothing for the caller. Paths that are none
 * are left to those who find the words for it.
 */
export function allowMessage(caller: Caller, request: PublishRequest): void {
  if (caller === anybody) return;
  const { forest, ghostId, operations } = request;
  const permission = ghostId === '' ? 'write' : 'ghost';
  const rights = rightsIn(caller, forest);
  if (!rights.maySome(permission, [])) deny(caller, permission, forest);
  for (const { path: text } of operations) {
    const path = parsePath(text);
    if (!('problem' in path) && !rights.may(permission, path)) deny(caller, permission, forest, path);
  }
}

/**
 * Of what was read, that which may be read, or something below it: that something is gone is told to those who may read below it. The rest
 * is left out, since whether it still stands is what a serializable commit tells; and agents note what they read before a grant was withdrawn.
 */
export function readableBasis(
  caller: Caller,
  forest: string,
  basis: readonly BasisEntry[],
): readonly BasisEntry[] {
  if (basis.length === 0 || caller === anybody) return basis;
  const rights = rightsIn(caller, forest);
  const readable = basis.filter(({ path }) => rights.maySome('read', path));
  return readable.length === basis.length ? basis : readable;
}

/** Whether it holds says something of what is there. */
function needCondition(caller: Caller, forest: string, { kind, path }: Precondition): void {
  const rights = rightsIn(caller, forest);
  const isAllowed =
    kind === 'subtree_unchanged_since' ? rights.maySome('read', path) : rights.may('read', path);
  if (!isAllowed) deny(caller, 'read', forest, path);
}

/** What a call needs to be allowed. What is missing is said with its permission, forest and path, and nothing of the state. */
import type { Caller } from '../../access/caller.ts';
import type { ForestRights } from '../../access/forest-rights.ts';
import type { Permission } from '../../access/permission.ts';
import { tellPatterns } from '../../access/policy.ts';
import { defaultForest } from '../../sequencer/local-forests.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { refuse } from '../errors.ts';

/** The name of the forest that a request means. */
export function forestNameOf(asked: string): string {
  return asked === '' ? defaultForest : asked;
}

/** What a caller may do in the forest that a request names. */
export function rightsIn(caller: Caller, forest: string): ForestRights {
  return caller.in(forestNameOf(forest));
}

/** At a path. */
export function needAt(caller: Caller, permission: Permission, forest: string, path: Path): void {
  if (!rightsIn(caller, forest).may(permission, path)) deny(caller, permission, forest, path);
}

/** At a path and everywhere below it. */
export function needAll(caller: Caller, permission: Permission, forest: string, path: Path): void {
  if (!rightsIn(caller, forest).mayAll(permission, path)) deny(caller, permission, forest, path);
}

/** Somewhere in a forest. What of it is shown is for the service to choose. */
export function needSome(caller: Caller, permission: Permission, forest: string): void {
  if (!rightsIn(caller, forest).maySome(permission, [])) deny(caller, permission, forest);
}

/** Anything at all in a forest. */
export function needAny(caller: Caller, forest: string): void {
  if (!rightsIn(caller, forest).isAny) deny(caller, 'read', forest);
}

/** Refuses. */
export function deny(caller: Caller, permission: Permission, forest: string, path?: Path): never {
  const where = `in the forest ${forestNameOf(forest)}`;
  const rights = rightsIn(caller, forest);
  const allowed = tellPatterns(rights.patterns(permission));
  const instead = allowed === '' ? '' : `; it may at ${allowed}`;
  const place = path === undefined ? where : `${formatPath(path)} ${where}`;
  const metadata = { principal: caller.name, permission, forest: forestNameOf(forest) };
  refuse(
    'PERMISSION_MISSING',
    `${caller.name} may not ${verbs[permission]} ${place}${instead}`,
    path === undefined ? metadata : { ...metadata, path: formatPath(path) },
  );
}

/** Refuses because of a path that the state has and the request does not name: it is named to those who may read it. */
export function denyFound(caller: Caller, permission: Permission, forest: string, path: Path): never {
  if (rightsIn(caller, forest).may('read', path)) deny(caller, permission, forest, path);
  deny(caller, permission, forest);
}

const verbs: Readonly<Record<Permission, string>> = {
  read: 'read',
  write: 'write',
  ghost: 'work in ghosts at',
  lock: 'lock',
  approve: 'approve of changes at',
  admin: 'operate',
};

/** The author of what a call does: as claimed, if the principal may speak as that, or else the principal itself. */
export function authorFor(caller: Caller, claimed: string): string {
  if (claimed === '') return caller.name;
  if (caller.maySpeakAs(claimed)) return claimed;
  return refuse(
    'AUTHOR_FORBIDDEN',
    `${caller.name} may not speak as ${claimed}; leave the author out, or let the operator allow it`,
    { principal: caller.name, author: claimed },
  );
}

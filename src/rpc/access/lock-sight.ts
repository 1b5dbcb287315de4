/** Which places of locks a caller is told: those where it could read or lock something. */
import type { ForestRights } from '../../access/forest-rights.ts';
import type { LockTarget } from '../../state/locks/lock.ts';
import type { Path } from '../../trie/path.ts';

export function isLockShown(rights: ForestRights, path: Path): boolean {
  return rights.maySome('read', path) || rights.maySome('lock', path);
}

export function shownTargets(rights: ForestRights, targets: readonly LockTarget[]): readonly LockTarget[] {
  return targets.filter(({ path }) => isLockShown(rights, path));
}

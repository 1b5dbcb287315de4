/**
 * Ghosts whose commit puts a version of a schema into force. Such a ghost stands on the trunk; it and those begun in it see the
 * schemas as they will be.
 */
import { migrationsPerForestMax } from '../../base/limits.ts';
import type { BeginGhost, Operation } from '../command.ts';
import type { ForestState } from '../forest.ts';
import type { Ghost, Root } from '../ghosts/ghost.ts';
import type { Judge } from './judge.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { SchemaVersion } from './schema.ts';
import type { SchemaTable } from './schema-table.ts';
import { checkPlace, nextVersion } from './schemas.ts';

/** Whether a ghost may begin that brings a version of a schema. */
export function checkMigration(state: ForestState, { migration }: BeginGhost): Rejection | null {
  if (migration === undefined) return null;
  let live = 0;
  for (const ghost of state.ghosts.values()) if (bringsVersion(ghost)) live += 1;
  if (live >= migrationsPerForestMax) {
    const metadata = { limit: 'migrationsPerForestMax', maximum: migrationsPerForestMax };
    const message = `${live} ghosts bring versions of schemas already; end some of them first`;
    return reject('QUOTA_EXCEEDED', message, metadata);
  }
  return checkPlace(state.schemas, migration);
}

/** Its commit puts a version into force; ghosts in it only see that version. */
export function bringsVersion({ migration, parentId }: Pick<Ghost, 'migration' | 'parentId'>): boolean {
  return migration !== null && parentId === '';
}

/** Of a migration that was committed: the version that is in force with it. */
export function broughtBy({ schemas }: ForestState, ghost: Ghost): { readonly schemaVersion?: number } {
  if (ghost.migration === null || !bringsVersion(ghost)) return {};
  return { schemaVersion: schemas.newest(ghost.migration.name)?.version ?? 0 };
}

/** The schemas that values in a ghost are judged by. */
export function schemasIn({ schemas }: Pick<ForestState, 'schemas'>, ghost: Ghost | null): SchemaTable {
  return ghost === null || ghost.migration === null ? schemas : schemas.with(ghost.migration);
}

/** The version that a commit puts into force, `null` where it is no migration, or why it does not pass. */
export function versionOf(
  state: ForestState,
  ghost: Ghost,
  timeMs: number,
  author: string,
  after: Root,
  operations: Iterable<Operation>,
  judge: Judge,
): SchemaVersion | Rejection | null {
  const { migration } = ghost;
  if (migration === null || !bringsVersion(ghost)) return null;
  const { schemas, revision } = state;
  const migrated = { operations, stamp: revision + 1 };
  const wanted = { source: migration, author, expectedVersion: migration.expectedVersion };
  return nextVersion({ schemas, root: after, revision }, timeMs, wanted, judge, migrated);
}

/** Which schemas the values in a ghost are of. */
import type { Forest } from '../../sequencer/forest.ts';
import type { ForestEvent } from '../../state/event.ts';
import type { SchemaTable } from '../../state/schemas/schema-table.ts';

/**
 * The schemas that what an event tells is of:
 * - `revision`: those of the trunk at a revision.
 * - `coming`: those that a live migration is to bring.
 * - `gone`: a migration was to bring another version of this one, and was taken back with it.
 */
export type SchemasOfEvent =
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'coming'; readonly schemas: SchemaTable }
  | { readonly kind: 'gone'; readonly name: string };

/**
 * In ghosts the trunk's revision is told by time, which is the journal's and never goes back. A ghost that is so long over that it is
 * forgotten counts as no migration.
 */
export function schemasOf(forest: Forest, { revision, ghostId, timeMs }: ForestEvent): SchemasOfEvent {
  if (revision > 0) return { kind: 'revision', revision };
  const schemas = forest.schemasIn(ghostId);
  if (schemas !== forest.schemas) return { kind: 'coming', schemas };
  const known = forest.schemas.versions.findLast((each) => each.timeMs <= timeMs)?.revision ?? 0;
  return overMigration(forest, ghostId) ?? { kind: 'revision', revision: known };
}

/** What has become of the version that a ghost, or one around it, was begun for. */
function overMigration(forest: Forest, ghostId: string): SchemasOfEvent | null {
  for (let id = ghostId; id !== '';) {
    const ghost = forest.ghost(id);
    if ('reason' in ghost || 'root' in ghost) return null;
    const { migration: name, committedRevision: revision } = ghost;
    if (name !== '') return revision > 0 ? { kind: 'revision', revision } : { kind: 'gone', name };
    id = ghost.parentId;
  }
  return null;
}

/** Which values operations may have changed, each once, with the last operation that did. */
import type { Operation } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { ChangedValues } from '../state/schemas/judge.ts';
import { templatePattern, templateReaches } from '../state/schemas/path-template.ts';
import type { SchemaTable } from '../state/schemas/schema-table.ts';
import { walk } from '../trie/iterate.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { walkMatching } from '../trie/walk-matching.ts';

/** A path whose value is to be looked at. */
export interface Touched {
  readonly path: Path;
  /** The operation's place in its diff. */
  readonly index: number;
  readonly operation: Operation;
}

/** The paths that operations may have left a value at, by their text. In a strict forest all of them, otherwise those with a schema. */
export function touchedBy(changed: ChangedValues): Map<string, Touched> {
  const touched = new Map<string, Touched>();
  let index = 0;
  for (const operation of changed.operations) {
    for (const path of changedPaths(changed, operation))
      touched.set(formatPath(path), { path, index, operation });
    index += 1;
  }
  return touched;
}

/** The paths at which one operation may have left a value that is to be looked at; some twice, where several operations did. */
export function* changedPaths(changed: ChangedValues, operation: Operation): Generator<Path> {
  const { schemas } = changed;
  const { path } = operation;
  if (operation.kind === 'copy') yield* copiedPaths(changed, operation);
  else if (operation.kind !== 'delete' && (schemas.isStrict || schemas.find(path) !== null)) yield path;
}

type Copy = Extract<Operation, { kind: 'copy' }>;

function* copiedPaths(changed: ChangedValues, copy: Copy): Generator<Path> {
  const { schemas, after } = changed;
  if (isKnownToFit(changed, copy)) return;
  if (schemas.isStrict) {
    for (const { path, node } of walk(after, { within: copy.path })) if (node.entry !== null) yield path;
    return;
  }
  yield* boundBelow(schemas, after, copy.path);
}

/** The nodes at or below a path that have a value and a schema. */
export function* boundBelow(schemas: SchemaTable, root: Root, within: Path): Generator<Path> {
  const patterns = schemas.bound
    .filter(({ binding }) => templateReaches(binding.template, within))
    .map(({ binding }) => templatePattern(binding.template, within));
  if (patterns.length === 0) return;
  for (const { path, node } of walkMatching(root, patterns)) if (node.entry !== null) yield path;
}

/**
 * What is on the trunk fits. So a copy of a part of it as it is now fits too where the same schemas are about the copy as about
 * what is copied, such as one session copied to another; there is no need to look at a million nodes.
 */
function isKnownToFit({ schemas, operations, isTrunk, told }: ChangedValues, copy: Copy): boolean {
  const { path, source, sourceRevision } = copy;
  if (!isTrunk || told !== 'diff' || sourceRevision !== 0 || path.length !== source.length) return false;
  for (const other of operations) {
    if (other !== copy && (isWithin(other.path, source) || isWithin(source, other.path))) return false;
  }
  return schemas.bound.every(
    ({ binding: { template } }) => templateReaches(template, path) === templateReaches(template, source),
  );
}

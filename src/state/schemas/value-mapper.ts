/** Who makes the values of a coming version of a schema out of those that are stored. It knows Protobuf, so the state does not know it. */
import type { Path } from '../../trie/path.ts';
import type { Root } from '../ghosts/ghost.ts';
import type { Rejection } from '../outcome.ts';
import type { SchemaVersion } from './schema.ts';
import type { Value } from '../values/value.ts';

/** What is to be stored at a path. */
export interface MappedValue {
  readonly path: Path;
  readonly value: Value;
}

export interface ValueMapper {
  /** What the values that a root holds by the version before become, step by step; or why one of them cannot be mapped. */
  map(previous: SchemaVersion, root: Root): Generator<void, readonly MappedValue[] | Rejection>;
}

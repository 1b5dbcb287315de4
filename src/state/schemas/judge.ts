/**
 * Who says whether values fit their schemas. The state machine asks; what answers knows Protobuf and JSON Schema, and may
 * change with the versions of the libraries that it uses. So its refusals are kept in the journal, and a replay asks
 * nobody: it takes what was said then.
 */
import type { Path } from '../../trie/path.ts';
import type { Operation } from '../command.ts';
import type { Root } from '../ghosts/ghost.ts';
import { reject } from '../outcome.ts';
import type { Reason, Rejection } from '../outcome.ts';
import type { SchemaSource, SchemaVersion, SetUnboundPaths } from './schema.ts';
import type { SchemaTable } from './schema-table.ts';

/** Values that were changed. */
export interface ChangedValues {
  readonly schemas: SchemaTable;
  /** As they would be. */
  readonly after: Root;
  /** What made them so. */
  readonly operations: Iterable<Operation>;
  /** `diff`: the operations are those of the request, whose fields a refusal names. `nodes`: it names paths. */
  readonly told: 'diff' | 'nodes';
  /** It is the trunk, where whatever is there fits. */
  readonly isTrunk: boolean;
}

/** What is wrong with a value at a path. */
export interface ValueProblem {
  readonly path: Path;
  /** The field in the value. Empty: all of it. */
  readonly field: string;
  /** Empty where no schema is about the path. */
  readonly rule: string;
  readonly message: string;
}

/** A schema that is about to come into force. */
export interface ComingSchema {
  readonly source: SchemaSource;
  readonly previous: SchemaVersion | undefined;
  /** The trunk; where a ghost brings the schema, as its commit leaves it. */
  readonly root: Root;
  readonly migrated: Migrated | null;
}

/** What a ghost has done to stored values to make them fit. */
export interface Migrated {
  readonly operations: Iterable<Operation>;
  /** Of all values that its commit leaves. */
  readonly stamp: number;
}

/** Gives a refusal, or `null` where there is nothing against it. Its reasons are {@link judgedReasons}. */
export interface Judge {
  values(changed: ChangedValues): Rejection | null;
  schema(coming: ComingSchema): Rejection | null;
  /**
   * Whether the trunk may become as large as that, `null` where it may. Its refusals ({@link outOfRoom}) are in no journal: who has made room tries
   * again, under the same request id too, and a figure that an operator changes never changes what a journal means. Absent: it may.
   */
  room?(before: Root, after: Root): Rejection | null;
  /** Whether a forest may become strict. */
  strictness(command: SetUnboundPaths, schemas: SchemaTable, root: Root): Rejection | null;
}

/** Values as a ghost has them. */
export type StagedValues = Pick<ChangedValues, 'schemas' | 'after' | 'operations'>;

/** A judge of a broker that is at work, with what takes too long to be done while a command is applied. */
export interface LiveJudge extends Judge {
  /** Looks at what is stored before a schema is proposed, step by step. {@link Judge.schema} then looks at what has changed since. */
  examine(source: SchemaSource, root: Root): Generator<void, void>;
  /** The same for {@link Judge.strictness}. */
  examineStrictness(command: SetUnboundPaths, schemas: SchemaTable, root: Root): Generator<void, void>;
  /** What is wrong with values that are staged, step by step: the first `schemaProblemsMax` problems. */
  staged(changed: StagedValues): Generator<void, readonly ValueProblem[]>;
  /** Whether the trunk of a backup fits its own schemas, step by step. */
  restored(schemas: SchemaTable, root: Root): Generator<void, Rejection | null>;
}

/** Reasons that only a {@link Judge} gives, so that what it said can be told apart and kept. */
export const judgedReasons: ReadonlySet<Reason> = new Set<Reason>([
  'SCHEMA_VIOLATION',
  'UNBOUND_PATH',
  'INVALID_SCHEMA',
  'SCHEMA_BREAKING',
  'SCHEMA_STORED',
  'SCHEMA_UNUSABLE',
]);

/** What {@link Judge.room} answers where there is none. */
export function outOfRoom(nodesMax: number, actual: number): Rejection {
  const message = `the forest may have ${nodesMax} nodes and has ${actual}: delete some first`;
  return reject('QUOTA_EXCEEDED', message, { limit: nodesLimit, maximum: nodesMax, actual });
}

export function isOutOfRoom({ reason, metadata }: Rejection): boolean {
  return reason === 'QUOTA_EXCEEDED' && metadata.limit === nodesLimit;
}

const nodesLimit = 'nodes';

/** Says what was said then: the refusal that a record keeps, or nothing. */
export function recordedJudge(refusal: Rejection | null): Judge {
  const said = (): Rejection | null => refusal;
  return { values: said, schema: said, strictness: said };
}

/** Lets everything pass: for what is known to have passed. */
export const trustingJudge: Judge = recordedJudge(null);

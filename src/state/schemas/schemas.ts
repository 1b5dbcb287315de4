/** Registering schemas, and what becomes of values at paths of no schema. */
import { schemaBytesPerForestMax, schemaVersionsPerForestMax } from '../../base/limits.ts';
import type { Proposal } from '../command.ts';
import { noEffects } from '../describe.ts';
import type { ForestState } from '../forest.ts';
import type { Judge, Migrated } from './judge.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import { formatTemplate, templatesOverlap } from './path-template.ts';
import type { RegisterSchema, SchemaSource, SchemaVersion, SetUnboundPaths } from './schema.ts';
import type { SchemaTable } from './schema-table.ts';
import type { Step } from '../step.ts';

/** Registers the next version of a schema; nothing happens where it is the newest version already. */
export function applyRegisterSchema(
  state: ForestState,
  { timeMs }: Proposal,
  command: RegisterSchema,
  judge: Judge,
): Step | Rejection {
  const schema = nextVersion(state, timeMs, wantedBy(command), judge);
  if ('reason' in schema) return schema;
  if (schema === state.schemas.newest(command.name)) return registered(schema, true);
  state.revision = schema.revision;
  state.schemas.add(schema);
  return registered(schema, false);
}

/** A version that somebody wants to be the newest. */
export interface WantedVersion {
  readonly source: SchemaSource;
  readonly author: string;
  /** The newest version that its author knows. */
  readonly expectedVersion: number | undefined;
}

/** The version that a registration wants. */
export function wantedBy(command: RegisterSchema): WantedVersion {
  return { source: command, author: command.author, expectedVersion: command.expectedVersion };
}

/** The version that a registration would make, the newest one where it would change nothing, or why it is refused. */
export function nextVersion(
  { schemas, root, revision }: Pick<ForestState, 'schemas' | 'root' | 'revision'>,
  timeMs: number,
  { source, author, expectedVersion }: WantedVersion,
  judge: Judge,
  migrated: Migrated | null = null,
): SchemaVersion | Rejection {
  const { name, format, definition, bindings } = source;
  const previous = schemas.newest(name);
  const refused = checkExpected(name, expectedVersion, previous);
  if (refused !== null) return refused;
  if (previous !== undefined && isSame(source, previous)) return previous;
  const objection = checkPlace(schemas, source) ?? judge.schema({ source, previous, root, migrated });
  if (objection !== null) return objection;
  const version = (previous?.version ?? 0) + 1;
  return { name, version, format, definition, bindings, revision: revision + 1, author, timeMs };
}

/** Whether what comes of it is known before any value is looked at: it is the newest version already, or not the one to be built on. */
export function isForegone(schemas: SchemaTable, { source, expectedVersion }: WantedVersion): boolean {
  const previous = schemas.newest(source.name);
  if (checkExpected(source.name, expectedVersion, previous) !== null) return true;
  return previous !== undefined && isSame(source, previous);
}

function registered({ name, version, revision }: SchemaVersion, unchanged: boolean): Step {
  return {
    outcome: { kind: 'schema_registered', name, version, revision, unchanged },
    effects: unchanged ? noEffects : { ...noEffects, revision },
    roots: null,
  };
}

function isSame(command: SchemaSource, { format, definition, bindings }: SchemaVersion): boolean {
  const pathsOf = (some: SchemaSource['bindings']): string =>
    some.map(({ template, messageType }) => `${formatTemplate(template)} ${messageType}`).join('\n');
  return (
    command.format === format &&
    command.definition === definition &&
    pathsOf(command.bindings) === pathsOf(bindings)
  );
}

function checkExpected(
  name: string,
  expectedVersion: number | undefined,
  previous: SchemaVersion | undefined,
): Rejection | null {
  const actual = previous?.version ?? 0;
  if (expectedVersion === undefined || expectedVersion === actual) return null;
  const message = `schema ${name} has version ${actual}, not ${expectedVersion}; look at it and try again`;
  return reject('PRECONDITION_FAILED', message, { schema: name, condition: 'expected_version', actual });
}

/** Whether there is room for a version, and nobody else at its paths. */
export function checkPlace(schemas: SchemaTable, source: SchemaSource): Rejection | null {
  return checkRoom(schemas, source) ?? checkOverlap(schemas, source);
}

function checkRoom(schemas: SchemaTable, { definition }: SchemaSource): Rejection | null {
  if (schemas.versions.length >= schemaVersionsPerForestMax)
    return full('schemaVersionsPerForestMax', schemaVersionsPerForestMax);
  if (schemas.bytes + definition.length > schemaBytesPerForestMax)
    return full('schemaBytesPerForestMax', schemaBytesPerForestMax);
  return null;
}

function full(limit: string, maximum: number): Rejection {
  const message = `the forest can keep no more schemas: ${limit} is ${maximum}`;
  return reject('QUOTA_EXCEEDED', message, { limit, maximum });
}

function checkOverlap(schemas: SchemaTable, command: SchemaSource): Rejection | null {
  for (const { template } of command.bindings) {
    const other = schemas.bound.find(
      ({ schema, binding }) => schema.name !== command.name && templatesOverlap(binding.template, template),
    );
    if (other === undefined) continue;
    const [path, otherPath] = [formatTemplate(template), formatTemplate(other.binding.template)];
    const message = `${path} has paths in common with ${otherPath} of the schema ${other.schema.name}`;
    return reject('SCHEMA_OVERLAP', message, { path, schema: other.schema.name, other_path: otherPath });
  }
  return null;
}

/** Makes a forest strict, or lets it go; nothing happens where it is so already. */
export function applySetUnboundPaths(
  state: ForestState,
  command: SetUnboundPaths,
  judge: Judge,
): Step | Rejection {
  const { refused } = command;
  const { schemas } = state;
  if (schemas.isStrict === refused) {
    const revision = schemas.rules.at(-1)?.revision ?? 0;
    return { outcome: { kind: 'unbound_paths_set', revision }, effects: noEffects, roots: null };
  }
  const objection = refused ? judge.strictness(command, schemas, state.root) : null;
  if (objection !== null) return objection;
  if (schemas.rules.length >= schemaVersionsPerForestMax)
    return full('schemaVersionsPerForestMax', schemaVersionsPerForestMax);
  const revision = state.revision + 1;
  state.revision = revision;
  schemas.setUnbound({ refused, revision });
  return {
    outcome: { kind: 'unbound_paths_set', revision },
    effects: { ...noEffects, revision },
    roots: null,
  };
}

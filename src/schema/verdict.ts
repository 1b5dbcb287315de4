/** What is told of values that do not fit: as refusals, with each field and rule. */
import { schemaProblemsMax } from '../base/limits.ts';
import { reject } from '../state/outcome.ts';
import type { FieldViolation, Reason, Rejection } from '../state/outcome.ts';
import type { SchemaVersion } from '../state/schemas/schema.ts';
import type { Bound } from '../state/schemas/schema-table.ts';
import type { Problem, Uncompilable } from './compiled.ts';

/** A problem as a field violation. `place` is what its subject is a part of. */
export function violationOf({ rule, subject, message }: Problem, place: string): FieldViolation {
  const isJoined = place === '' || subject === '' || subject.startsWith('[');
  const field = isJoined ? `${place}${subject}` : `${place}.${subject}`;
  return { field, description: `${rule}: ${message}`, rule };
}

/** A stored value's field, where there is no request to name: `/session_1/notes/n#claim`. */
export function storedViolationOf({ rule, subject, message }: Problem, path: string): FieldViolation {
  const field = subject === '' ? path : `${path}#${subject}`;
  return { field, description: `${rule}: ${message}`, rule };
}

/** Values that do not fit their schemas: at least one violation; `path` and `bound` are those of the first. */
export function violated(path: string, { schema }: Bound, violations: readonly FieldViolation[]): Rejection {
  const { name, version } = schema;
  const [first] = violations;
  const message = `${path} does not fit version ${version} of the schema ${name}: ${told(first)}${others(violations)}`;
  const metadata = { path, schema: name, version, violations: violations.length };
  return reject('SCHEMA_VIOLATION', message, metadata, {
    violations: violations.slice(0, schemaProblemsMax),
  });
}

/** A value at a path of no schema, and why it needs one. */
export function unbound(path: string, field: string, why = 'the forest is strict'): Rejection {
  const description = `${path}: ${why}, and no schema is about this path`;
  return reject('UNBOUND_PATH', description, { path }, { violations: [{ field, description }] });
}

/** A version that this broker cannot work with. */
export function unusable({ name, version }: SchemaVersion, { problems }: Uncompilable): Rejection {
  const cause = problems[0]?.message ?? '';
  const message = `this broker cannot work with version ${version} of the schema ${name}: ${cause}`;
  return reject('SCHEMA_UNUSABLE', message, { schema: name, version, cause });
}

/** A definition that is none. `field` is its place in a request. */
export function invalidSchema({ problems }: Uncompilable, field: string): Rejection {
  const violations = problems.map(({ rule, subject, message }) => {
    const where = subject === '' ? '' : `${subject}: `;
    return { field, description: `${rule}: ${where}${message}`, rule };
  });
  return reject(
    'INVALID_SCHEMA',
    `${field}: ${told(violations[0])}${others(violations)}`,
    {},
    { violations },
  );
}

/** A version that does not get along with the one before, or with what is stored. */
export function objection(
  reason: Reason,
  what: string,
  metadata: Readonly<Record<string, string | number>>,
  violations: readonly FieldViolation[],
): Rejection {
  const message = `${what}: ${violations[0]?.field ?? ''}: ${told(violations[0])}${others(violations)}`;
  return reject(
    reason,
    message,
    { ...metadata, violations: violations.length },
    { violations: violations.slice(0, schemaProblemsMax) },
  );
}

function told(violation: FieldViolation | undefined): string {
  return violation?.description ?? '';
}

function others({ length }: readonly unknown[]): string {
  return length > 1 ? ` (and ${length - 1} more)` : '';
}

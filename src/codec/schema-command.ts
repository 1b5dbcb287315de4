/** Commands about schemas ↔ the `command` of a `Record`, and schemas ↔ items of a snapshot. */
import { unreachable } from '../base/assert.ts';
import type {
  Migration,
  RegisterSchema,
  SchemaBinding,
  SchemaCommand,
  SchemaSource,
  SchemaVersion,
  UnboundRule,
} from '../state/schemas/schema.ts';
import type { CommandBody } from './command-body.ts';
import { CodecDamage } from './damage.ts';
import { itemField } from './snapshot-items.ts';
import type { SnapshotItems } from './snapshot-items.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

const formats = [undefined, 'protobuf', 'json_schema'] as const;
const formatNumber = { protobuf: 1, json_schema: 2 } as const;

export function writeSchemaCommand(writer: WireWriter, command: SchemaCommand): void {
  switch (command.kind) {
    case 'register_schema':
      writeSource(writer, command);
      return writer.uint(5, command.expectedVersion ?? 0);
    case 'set_unbound_paths':
      return writer.boolean(1, command.refused);
    default:
      return unreachable(command);
  }
}

/** Writes the version that a ghost brings as a field of what is being written. */
export function writeMigration(writer: WireWriter, field: number, migration: Migration): void {
  const mark = writer.open(field, migration.definition.length + 64);
  writeSource(writer, migration);
  writer.uint(5, migration.expectedVersion ?? 0);
  writer.close(mark);
}

export function readMigration(reader: WireReader): Migration {
  const outer = reader.enter();
  const migration = readSource(reader);
  reader.leave(outer);
  return migration;
}

/** Writes the schema's name alone: what is left of the migration of a ghost that is over. */
export function writeMigrationName(writer: WireWriter, field: number, name: string): void {
  if (name === '') return;
  const mark = writer.open(field, name.length + 2);
  writer.text(1, name);
  writer.close(mark);
}

export function readMigrationName(reader: WireReader): string {
  const outer = reader.enter();
  let name = '';
  for (let at = reader.next(); at !== 0; at = reader.next()) {
    if (at === 1) name = reader.text();
    else reader.unknown('RegisterSchema');
  }
  reader.leave(outer);
  return name;
}

function writeSource(writer: WireWriter, source: SchemaSource): void {
  writer.text(1, source.name);
  writer.uint(2, formatNumber[source.format]);
  writer.binary(3, source.definition);
  for (const { template, messageType } of source.bindings) {
    const mark = writer.open(4, 64);
    writer.path(1, template.segments);
    writer.text(2, messageType);
    writer.close(mark);
  }
}

export function readSchemaCommand(reader: WireReader, kind: SchemaCommand['kind']): CommandBody {
  switch (kind) {
    case 'register_schema':
      return { kind, ...readSource(reader) };
    case 'set_unbound_paths':
      return { kind, refused: readRefused(reader) };
    default:
      return unreachable(kind);
  }
}

type Source = SchemaSource & Pick<RegisterSchema, 'expectedVersion'>;

function readSource(reader: WireReader): Source {
  let name = '';
  let format: SchemaSource['format'] | undefined;
  let definition = '';
  let expectedVersion = 0;
  const bindings: SchemaBinding[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 2) format = formats[reader.uint()];
    else if (field === 3) definition = reader.binary();
    else if (field === 4) bindings.push(readBinding(reader));
    else if (field === 5) expectedVersion = reader.uint();
    else reader.unknown('RegisterSchema');
  }
  if (format === undefined) throw new CodecDamage('a schema without a known format');
  const source = { name, format, definition, bindings };
  return expectedVersion === 0 ? source : { ...source, expectedVersion };
}

function readBinding(reader: WireReader): SchemaBinding {
  const outer = reader.enter();
  let segments: string[] = [];
  let messageType = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) segments = reader.path();
    else if (field === 2) messageType = reader.text();
    else reader.unknown('SchemaBinding');
  }
  reader.leave(outer);
  return { template: { segments }, messageType };
}

function readRefused(reader: WireReader): boolean {
  let refused = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) refused = reader.boolean();
    else reader.unknown('SetUnboundPaths');
  }
  return refused;
}

export function writeSchema(items: SnapshotItems, schema: SchemaVersion): void {
  const { writer } = items;
  items.open(itemField.schema, schema.definition.length + 64);
  const mark = writer.open(1, schema.definition.length + 48);
  writeSource(writer, schema);
  writer.close(mark);
  writer.uint(2, schema.version);
  writer.uint(3, schema.revision);
  writer.text(4, schema.author);
  writer.uint(5, schema.timeMs);
  items.close();
}

export function readSchema(reader: WireReader): SchemaVersion {
  let source: Source | undefined;
  let author = '';
  const numbers = { version: 0, revision: 0, timeMs: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) {
      const outer = reader.enter();
      source = readSource(reader);
      reader.leave(outer);
    } else if (field === 2) numbers.version = reader.uint();
    else if (field === 3) numbers.revision = reader.uint();
    else if (field === 4) author = reader.repeatedText();
    else if (field === 5) numbers.timeMs = reader.uint();
    else reader.unknown('SnapshotSchema');
  }
  if (source === undefined) throw new CodecDamage('a schema without its source');
  const { name, format, definition, bindings } = source;
  return { name, format, definition, bindings, author, ...numbers };
}

export function writeUnboundRule(items: SnapshotItems, { refused, revision }: UnboundRule): void {
  items.open(itemField.unboundPaths, 12);
  items.writer.boolean(1, refused);
  items.writer.uint(2, revision);
  items.close();
}

export function readUnboundRule(reader: WireReader): UnboundRule {
  let refused = false;
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) refused = reader.boolean();
    else if (field === 2) revision = reader.uint();
    else reader.unknown('SnapshotUnboundPaths');
  }
  return { refused, revision };
}

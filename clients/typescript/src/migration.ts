/** Migrations: ghosts whose commit puts a version of a schema into force that stored values, or clients, do not get along with. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SchemaMigrationSchema } from './gen/hyperloom/v1/schema_pb.ts';
import { wireDefinition, type SchemaDefinition } from './schema.ts';

/**
 * The version of a schema to come. In the ghost, values are judged by it; a program reads the old ones on the trunk and puts the new ones
 * in the ghost. The commit brings them and the version in one revision, once no stored value is left as it was: it is refused with
 * `SCHEMA_BREAKING` or `SCHEMA_STORED` before, whose `violations` name what is missing, and the ghost lives on.
 */
export interface SchemaMigration {
  /** Which schema. */
  readonly name: string;
  readonly definition: SchemaDefinition;
  /**
   * The newest version that the caller knows; {@link PreconditionFailedError} at the commit where it is another. Default: whichever it
   * is.
   */
  readonly expectedVersion?: number | undefined;
}

/** The migration's message. */
export function wireMigration(from: SchemaMigration): MessageInitShape<typeof SchemaMigrationSchema> {
  const { name, definition, expectedVersion } = from;
  return { name, definition: wireDefinition(definition), expectedVersion: BigInt(expectedVersion ?? 0) };
}

/** What a path is bound to, for those who speak of its fields. */
import type { DescMessage } from '@bufbuild/protobuf';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { SchemaTable } from '../state/schemas/schema-table.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import type { SchemaCompiler } from './compile.ts';
import { ProtobufSchema } from './protobuf.ts';
import { unusable } from './verdict.ts';

/** The message that a path is bound to. `field` is the place in the request that needs to know. */
export function boundMessage(
  schemas: SchemaTable,
  compiler: SchemaCompiler,
  path: Path,
  field: string,
): DescMessage | Rejection {
  const text = formatPath(path);
  const bound = schemas.find(path);
  if (bound === null) {
    const description = `no schema is about ${text}, so the fields of a message there are not known`;
    return reject(
      'UNBOUND_PATH',
      `${field}: ${description}`,
      { path: text },
      { violations: [{ field, description }] },
    );
  }
  const compiled = compiler.known(bound.schema);
  if ('problems' in compiled) return unusable(bound.schema, compiled);
  const message =
    compiled instanceof ProtobufSchema ? compiled.message(bound.binding.messageType) : undefined;
  if (message !== undefined) return message;
  const description = `the schema ${bound.schema.name} has JSON at ${text}, not a message`;
  const metadata = { path: text, expected: 'JSON', actual: 'message' };
  return reject('WRONG_TYPE', `${field}: ${description}`, metadata, { violations: [{ field, description }] });
}

/** Reads the source of a schema that a command names. */
import { basename } from 'node:path';

import type { SchemaDefinition } from '../../../../clients/typescript/src/index.ts';
import { UsageError } from '../../failure.ts';
import { readSource } from '../../input.ts';

/** Options of commands that take a source. */
export interface SourceOptions {
  readonly name?: string;
  readonly path?: string;
}

/** A schema as it is to be registered. */
export interface NamedDefinition {
  readonly name: string;
  readonly definition: SchemaDefinition;
}

/** Texts of the argument and the options, the same wherever a source is taken. */
export const sourceTexts = {
  file: 'a descriptor set, as "buf build -o FILE" writes it, or a JSON Schema (.json); - is standard input',
  name: 'what the schema is called (default: as the file, without its extension)',
  path: 'the paths that a JSON Schema is about, such as /{session}/plans/{plan}',
} as const;

/** Reads it: a JSON Schema where the file's name or `--path` says so, and a descriptor set otherwise. */
export async function readDefinition(
  file: string,
  options: SourceOptions,
  stdin: AsyncIterable<Uint8Array>,
): Promise<NamedDefinition> {
  if (file.endsWith('.proto'))
    throw new UsageError(`${file} is not compiled: run "buf build -o schema.binpb", and push that`);
  const isJson = file.endsWith('.json');
  if (isJson && options.path === undefined)
    throw new UsageError('a JSON Schema needs the paths that it is about: --path /{session}/plans/{plan}');
  const name = options.name ?? nameOf(file);
  const bytes = await readSource(file, stdin);
  if (options.path === undefined) return { name, definition: { kind: 'descriptor_set', bytes } };
  return { name, definition: { kind: 'json_schema', json: decode(bytes), path: options.path } };
}

function nameOf(file: string): string {
  if (file === '-') throw new UsageError('from standard input a schema needs a name: --name NAME');
  return basename(file).replace(/\.[^.]+$/, '');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('a JSON Schema is text in UTF-8; a descriptor set goes without --path');
  }
}

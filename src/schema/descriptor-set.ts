/** Reads a `FileDescriptorSet` and makes sure that it is whole and of a kind that is understood here. */
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import type { FileRegistry } from '@bufbuild/protobuf';
import { Edition, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { FileDescriptorProto, FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { uncompilable } from './compiled.ts';
import type { Problem, Uncompilable } from './compiled.ts';

/** Descriptors, linked. */
export interface Linked {
  readonly set: FileDescriptorSet;
  readonly registry: FileRegistry;
}

const editions: ReadonlySet<Edition> = new Set([Edition.EDITION_2023, Edition.EDITION_2024]);

/** Links what `bytes` hold. */
export function linkDescriptors(bytes: Uint8Array): Linked | Uncompilable {
  let set: FileDescriptorSet;
  try {
    set = fromBinary(FileDescriptorSetSchema, bytes);
  } catch (error) {
    return uncompilable('descriptor_set', `no google.protobuf.FileDescriptorSet: ${messageOf(error)}`);
  }
  if (set.file.length === 0) return uncompilable('descriptor_set', 'there are no files in it');
  const problems = [...unknownEditions(set), ...missingImports(set)];
  if (problems.length > 0) return { problems };
  try {
    return { set, registry: createFileRegistry(set) };
  } catch (error) {
    return uncompilable('descriptor_set', `it does not link: ${messageOf(error)}`);
  }
}

function unknownEditions({ file }: FileDescriptorSet): Problem[] {
  return file.flatMap(({ name, syntax, edition }) => {
    if (syntax === '' || syntax === 'proto2' || syntax === 'proto3') return [];
    if (syntax === 'editions' && editions.has(edition)) return [];
    const what = syntax === 'editions' ? editionName(edition) : `the syntax ${syntax}`;
    const message = `${what} is not known here; proto2, proto3 and the editions 2023 and 2024 are`;
    return [{ rule: 'edition', subject: name, message }];
  });
}

/** Numbers of editions that the runtime has never heard of are read as none. */
function editionName(edition: Edition): string {
  return edition === Edition.EDITION_UNKNOWN ? 'its edition' : `the edition ${Edition[edition] ?? edition}`;
}

function missingImports({ file }: FileDescriptorSet): Problem[] {
  const there = new Set(file.map(({ name }) => name));
  const missing = (each: FileDescriptorProto): string[] => each.dependency.filter((name) => !there.has(name));
  return file.flatMap((each) =>
    missing(each).map((name) => ({
      rule: 'import',
      subject: each.name,
      message: `it imports ${name}, which is not in the set; \`buf build\` and \`protoc --include_imports\` put it there`,
    })),
  );
}

/** The text of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

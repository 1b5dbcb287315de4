/**
 * For every message with `option (hyperloom.v1.node).path`: the variables of its path as a type of the language, and a definition that
 * binds them to the message, for `client.typed()`. One file beside what the language's own plugin makes of the same source.
 *
 * The parameter `target` names the language: `ts`, `js`, `dts` or `js+dts` (the default, as for protoc-gen-es), `python`, `go`. The others are those of the language's own
 * plugin, so that both are told alike: of protoc-gen-es (`import_extension`, `rewrite_imports`, …), of protoc-gen-go (`paths`, `module`, `M…`).
 */
import type { Plugin } from '@bufbuild/protoplugin';
import { create, createFileRegistry } from '@bufbuild/protobuf';
import type { DescFile } from '@bufbuild/protobuf';
import {
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  Edition,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import type { CodeGeneratorRequest, CodeGeneratorResponse } from '@bufbuild/protobuf/wkt';
import { goFile } from './go.ts';
import { boundMessages, type BoundMessage } from './bound.ts';
import { pythonFile } from './python.ts';
import { name, version } from './self.ts';
import { typescriptPlugin } from './typescript.ts';

/** What one source becomes in one language. */
export interface MadeFile {
  readonly name: string;
  readonly content: string;
}

/** Writes the file for a source, whose bound messages are at least one. */
export type MakeFile = (file: DescFile, bound: readonly BoundMessage[], options: Options) => MadeFile;

/** Parameters beside `target`, as they were given: `key=value`, or a key alone. */
export type Options = ReadonlyMap<string, string>;

/** Languages for which the file is written as a whole. TypeScript has a framework of its own. */
const makers: Readonly<Record<string, MakeFile>> = { python: pythonFile, go: goFile };

/** The plugin, for {@link runNodeJs} and for tests. */
export const plugin: Plugin = {
  name,
  version,
  run(request) {
    const options = parseParameter(request.parameter);
    const target = options.get('target') ?? 'js+dts';
    const make = makers[target];
    if (make !== undefined) return answer(request, make, options);
    if (!/^(ts|js|dts)(\+(ts|js|dts))*$/.test(target))
      throw new Error(`target=${target}: it is one of ts, js, dts, js+dts, python, go`);
    return typescriptPlugin.run(request);
  },
};

function answer(request: CodeGeneratorRequest, make: MakeFile, options: Options): CodeGeneratorResponse {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }));
  const made = request.fileToGenerate.flatMap((path) => {
    const file = registry.getFile(path);
    if (file === undefined) throw new Error(`the request lacks ${path}`);
    const bound = boundMessages(file, registry);
    return bound.length === 0 ? [] : [make(file, bound, options)];
  });
  const { PROTO3_OPTIONAL, SUPPORTS_EDITIONS } = CodeGeneratorResponse_Feature;
  return create(CodeGeneratorResponseSchema, {
    supportedFeatures: BigInt(PROTO3_OPTIONAL | SUPPORTS_EDITIONS),
    minimumEdition: Edition.EDITION_PROTO2,
    maximumEdition: Edition.EDITION_2024,
    file: made.map(({ name, content }) => ({ name, content })),
  });
}

function parseParameter(parameter: string): Options {
  const parts = parameter.split(',').filter((part) => part !== '');
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

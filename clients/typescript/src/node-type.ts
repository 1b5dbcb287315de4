/** Which message lives where: what `client.typed()` takes. `protoc-gen-hyperloom` writes one for each message with a path. */
import type { DescMessage } from '@bufbuild/protobuf';

/**
 * A message and the paths of the nodes that hold it. The path is a literal type, such as `'/{session}/notes/{note}'`, so that the compiler
 * knows the variables in it; where it is `string`, they are checked when a verb is called.
 */
export interface NodeType<Desc extends DescMessage = DescMessage, Path extends string = string> {
  readonly message: Desc;
  readonly path: Path;
}

/** Binds a message to its path. Generated code calls this; `client.typed()` compares the path with the message's own option. */
export function nodeType<Desc extends DescMessage, const Path extends string>(
  message: Desc,
  path: Path,
): NodeType<Desc, Path> {
  return { message, path };
}

/** The variables of a path, each a segment: `{ readonly session: string; readonly note: string }`. */
export type PathVariables<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : [VariableName<Path>] extends [never]
    ? Readonly<Record<string, never>>
    : { readonly [Name in VariableName<Path>]: string };

/** Some of the variables; the others may be anything. */
export type SomePathVariables<Path extends string> = Partial<PathVariables<Path>>;

type VariableName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | VariableName<Rest>
  : never;

/** Which messages of a file live in the tree, and where. */
import { getOption } from '@bufbuild/protobuf';
import type { DescExtension, DescFile, DescMessage, Message, Registry } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';

/** A message with a path. */
export interface BoundMessage {
  readonly message: DescMessage;
  /** Such as `/{session}/notes/{note}`. */
  readonly path: string;
  /** The names in it, in their order. */
  readonly variables: readonly string[];
  /** `Outer_Inner` for a message in a message. */
  readonly name: string;
}

const optionName = 'hyperloom.v1.node';

/**
 * The bound messages of a file, nested ones included, in the order of the source. The option is taken from the descriptors of the request
 * itself: a source that uses it imports the file that defines it.
 */
export function boundMessages(file: DescFile, registry: Registry): readonly BoundMessage[] {
  const option = registry.getExtension(optionName);
  if (option === undefined) return [];
  const messages = [...nestedTypes(file)].filter((type) => type.kind === 'message');
  return messages.flatMap((message) => {
    const path = pathOf(message, option);
    if (path === '') return [];
    const prefix = file.proto.package === '' ? '' : `${file.proto.package}.`;
    const name = message.typeName.slice(prefix.length).replaceAll('.', '_');
    return [{ message, path, variables: variablesOf(path, message), name }];
  });
}

function pathOf(message: DescMessage, option: DescExtension): string {
  const value = getOption(message, option) as Message & { readonly path?: string };
  return value.path ?? '';
}

/** Refuses what the broker would refuse when the schema is registered, so that it comes to light when code is generated. */
function variablesOf(path: string, { typeName }: DescMessage): readonly string[] {
  const refuse = (what: string): never => {
    throw new Error(`${typeName}: (hyperloom.v1.node).path = "${path}": ${what}`);
  };
  if (!path.startsWith('/') || path.length < 2) refuse('a path begins with "/" and a segment');
  const names: string[] = [];
  for (const segment of path.slice(1).split('/')) {
    if (segment === '') refuse('a segment is empty');
    if (!/[{}]/.test(segment)) continue;
    const [, name] = /^\{([a-z][a-z0-9_]*)\}$/.exec(segment) ?? refuse(`"${segment}" is no variable`);
    if (name === undefined || names.includes(name)) refuse(`${segment} stands for two segments`);
    else names.push(name);
  }
  return names;
}

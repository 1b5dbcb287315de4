/**
 * TypeScript and JavaScript: `notes_hyperloom.ts` beside `notes_pb.ts`. The path is a literal type, from which the client's types take the
 * variables, so there is nothing else to write.
 */
import {
  createEcmaScriptPlugin,
  type GeneratedFile,
  type Printable,
  type Schema,
} from '@bufbuild/protoplugin';
import { createRegistry, type DescFile } from '@bufbuild/protobuf';
import { boundMessages, type BoundMessage } from './bound.ts';
import { name, version } from './self.ts';

const client = '@hyperloom/client';

type PrintMessage = (f: GeneratedFile, bound: BoundMessage) => void;

export const typescriptPlugin = createEcmaScriptPlugin({
  name,
  version,
  generateTs: (schema) => generate(schema, 'ts', printTypeScript),
  generateJs: (schema) => generate(schema, 'js', printJavaScript),
  generateDts: (schema) => generate(schema, 'd.ts', printDeclaration),
});

function generate(schema: Schema, extension: string, print: PrintMessage): void {
  const registry = createRegistry(...schema.allFiles);
  for (const file of schema.files) {
    const bound = boundMessages(file, registry);
    if (bound.length > 0) printFile(schema, file, bound, extension, print);
  }
}

function printFile(
  schema: Schema,
  file: DescFile,
  bound: readonly BoundMessage[],
  extension: string,
  print: PrintMessage,
): void {
  const f = schema.generateFile(`${file.name}_hyperloom.${extension}`);
  f.preamble(file);
  for (const each of bound) {
    f.print(f.jsDoc(`Where \`${each.message.typeName}\` lives: \`${each.path}\`. For \`client.typed()\`.`));
    print(f, each);
    f.print();
  }
}

function printTypeScript(f: GeneratedFile, bound: BoundMessage): void {
  f.print([f.export('const', `${bound.name}Node`), ': ', typeOf(f, bound), ' = /*@__PURE__*/']);
  printCall(f, bound);
}

function printJavaScript(f: GeneratedFile, bound: BoundMessage): void {
  f.print([f.export('const', `${bound.name}Node`), ' = /*@__PURE__*/']);
  printCall(f, bound);
}

function printDeclaration(f: GeneratedFile, bound: BoundMessage): void {
  f.print([f.export('declare const', `${bound.name}Node`), ': ', typeOf(f, bound), ';']);
}

function printCall(f: GeneratedFile, { message, path }: BoundMessage): void {
  f.print(['  ', f.import('nodeType', client), '(', f.importSchema(message), ', ', f.string(path), ');']);
}

function typeOf(f: GeneratedFile, { message, path }: BoundMessage): Printable {
  return [
    f.import('NodeType', client, true),
    '<typeof ',
    f.importSchema(message, true),
    ', ',
    f.string(path),
    '>',
  ];
}

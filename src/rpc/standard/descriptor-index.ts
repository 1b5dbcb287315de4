import { type DescFile, type DescService, type Registry, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** Finds the file that declares a name, and gives it as bytes together with the files that it imports. */
export class DescriptorIndex {
  readonly serviceNames: readonly string[];
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #extensions = new Map<string, Map<number, DescFile>>();
  readonly #encoded = new Map<DescFile, Uint8Array>();

  /** Knows `services`, everything that they need, and whatever `registry` holds beside. */
  constructor(services: readonly DescService[], registry?: Registry) {
    this.serviceNames = [...new Set(services.map((service) => service.typeName))].sort();
    for (const service of services) this.#addFile(service.file);
    for (const type of registry ?? []) this.#addFile(type.file);
  }

  /** The file and all that it imports, itself first; `undefined` where the name is unknown. */
  byFileName(name: string): readonly Uint8Array[] | undefined {
    return this.#encode(this.#files.get(name));
  }

  /** By the full name of a message, enum, enum value, field, oneof, extension, service or method. */
  bySymbol(symbol: string): readonly Uint8Array[] | undefined {
    return this.#encode(this.#symbols.get(symbol.replace(/^\./, '')));
  }

  byExtension(extendee: string, number: number): readonly Uint8Array[] | undefined {
    return this.#encode(this.#extensions.get(extendee)?.get(number));
  }

  /** In ascending order; `undefined` where there is no such message type. */
  extensionNumbers(extendee: string): readonly number[] | undefined {
    const numbers = this.#extensions.get(extendee);
    if (numbers === undefined) return this.#symbols.has(extendee) ? [] : undefined;
    return [...numbers.keys()].sort((left, right) => left - right);
  }

  #addFile(file: DescFile): void {
    const name = file.proto.name;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const dependency of file.dependencies) this.#addFile(dependency);
    for (const symbol of symbolsOf(file)) this.#symbols.set(symbol, file);
    for (const extension of [
      ...file.extensions,
      ...file.messages.flatMap((message) => message.nestedExtensions),
    ]) {
      const extendee = extension.extendee.typeName;
      const numbers = this.#extensions.get(extendee) ?? new Map<number, DescFile>();
      this.#extensions.set(extendee, numbers.set(extension.number, file));
    }
  }

  #encode(file: DescFile | undefined): readonly Uint8Array[] | undefined {
    if (file === undefined) return undefined;
    return [...withImports(file)].map((each) => {
      const bytes = this.#encoded.get(each) ?? toBinary(FileDescriptorProtoSchema, each.proto);
      this.#encoded.set(each, bytes);
      return bytes;
    });
  }
}

function withImports(file: DescFile, seen = new Set<DescFile>()): Set<DescFile> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const dependency of file.dependencies) withImports(dependency, seen);
  return seen;
}

function* symbolsOf(file: DescFile): Generator<string> {
  for (const service of file.services) {
    yield service.typeName;
    for (const method of service.methods) yield `${service.typeName}.${method.name}`;
  }
  for (const extension of file.extensions) yield extension.typeName;
  for (const type of file.enums) yield* enumSymbols(type);
  for (const message of file.messages) yield* messageSymbols(message);
}

function* messageSymbols(message: DescFile['messages'][number]): Generator<string> {
  yield message.typeName;
  for (const field of message.fields) yield `${message.typeName}.${field.name}`;
  for (const oneof of message.oneofs) yield `${message.typeName}.${oneof.name}`;
  for (const extension of message.nestedExtensions) yield extension.typeName;
  for (const type of message.nestedEnums) yield* enumSymbols(type);
  for (const nested of message.nestedMessages) yield* messageSymbols(nested);
}

/** Enum values are siblings of their type, not members. */
function* enumSymbols(type: DescFile['enums'][number]): Generator<string> {
  yield type.typeName;
  const scope = type.typeName.slice(0, type.typeName.lastIndexOf('.') + 1);
  for (const value of type.values) yield `${scope}${value.name}`;
}

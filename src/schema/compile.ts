/** Schemas in a form that can be used, compiled once for each source. */
import { schemasCompiledKeptMax } from '../base/limits.ts';
import type { SchemaSource } from '../state/schemas/schema.ts';
import { formatTemplate } from '../state/schemas/path-template.ts';
import { uncompilable } from './compiled.ts';
import type { CompiledSchema, Uncompilable } from './compiled.ts';
import { compileJsonSchema } from './json-schema.ts';
import { compileProtobuf } from './protobuf.ts';
import type { Scrutiny } from './protobuf.ts';

type Compiled = CompiledSchema | Uncompilable;

/** What was compiled. It follows from the sources alone, so it is no part of any state. */
export class SchemaCompiler {
  /** The same sources again, as long as they live. */
  readonly #bySource = new WeakMap<SchemaSource, Compiled>();
  /** Equal sources, those used last at the end. */
  readonly #byText = new Map<string, Compiled>();

  /** A source that was registered before. */
  known(source: SchemaSource): Compiled {
    let compiled = this.#bySource.get(source);
    if (compiled === undefined) {
      compiled = this.#find(source, 'known');
      this.#bySource.set(source, compiled);
    }
    return compiled;
  }

  /** A source that comes for the first time, and is looked at more closely. */
  coming(source: SchemaSource): Compiled {
    return this.#find(source, 'new');
  }

  #find(source: SchemaSource, scrutiny: Scrutiny): Compiled {
    const key = keyOf(source);
    const kept = this.#byText.get(key);
    this.#byText.delete(key);
    const compiled = kept ?? compile(source, scrutiny);
    if ('problems' in compiled) return compiled;
    this.#byText.set(key, compiled);
    for (const oldest of this.#byText.keys()) {
      if (this.#byText.size <= schemasCompiledKeptMax) break;
      this.#byText.delete(oldest);
    }
    return compiled;
  }
}

/** Messages say themselves where they are; a JSON Schema is told. */
function keyOf({ format, definition, bindings }: SchemaSource): string {
  const [binding] = bindings;
  const where = format === 'protobuf' || binding === undefined ? '' : formatTemplate(binding.template);
  return `${format} ${where} ${definition}`;
}

function compile({ format, definition, bindings }: SchemaSource, scrutiny: Scrutiny): Compiled {
  const bytes = Buffer.from(definition, 'latin1');
  if (format === 'protobuf') return compileProtobuf(bytes, scrutiny);
  const [binding] = bindings;
  if (binding === undefined) return uncompilable('path', 'a JSON Schema needs a path');
  return compileJsonSchema(bytes.toString(), binding);
}

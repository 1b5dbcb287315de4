/** Values in the other form, and versions of schemas as readers see them who know another one. */
import type { Rejection } from '../state/outcome.ts';
import type { SchemaVersion } from '../state/schemas/schema.ts';
import type { Bound, SchemaTable } from '../state/schemas/schema-table.ts';
import type { Value } from '../state/values/value.ts';
import type { SchemaCompiler } from './compile.ts';
import { incompatibilities } from './evolution.ts';
import type { MessageType } from './exact-integers.ts';
import { textsIn } from './message-texts.ts';
import type { FieldText } from './message-texts.ts';
import { messageFromJson, messageToJson } from './proto-json.ts';
import type { NoJson } from './proto-json.ts';
import { ProtobufSchema } from './protobuf.ts';
import { unusable, violated, violationOf } from './verdict.ts';

/** Why a message is not told as JSON. */
export type FormProblem = NoJson | 'unbound' | 'schema_unusable' | 'superseded';

export class ValueForms {
  readonly #compiler: SchemaCompiler;
  /** Whether an older version and a newer one get along: that takes milliseconds, and never changes. */
  readonly #along = new WeakMap<SchemaVersion, WeakMap<SchemaVersion, boolean>>();

  constructor(compiler: SchemaCompiler) {
    this.#compiler = compiler;
  }

  /** A message as JSON text, by its schema or by another version of that. */
  json(
    { data, type }: Value,
    { schema, binding }: Bound,
    by = schema,
  ): { readonly json: string } | FormProblem {
    const compiled = this.#compiler.known(by);
    if ('problems' in compiled) return 'schema_unusable';
    const known = typeIn(compiled, binding.messageType);
    if (known === null) return 'unbound';
    return isOfType(type, binding.messageType) ? messageToJson(known, data) : 'no_json';
  }

  /** The texts in a message by its schema, as {@link textsIn} tells them; `null` where the schema does not know it. */
  texts({ data, type }: Value, { schema, binding }: Bound): Iterable<FieldText | null> | null {
    const compiled = this.#compiler.known(schema);
    const known = 'problems' in compiled ? null : typeIn(compiled, binding.messageType);
    return known === null || !isOfType(type, binding.messageType) ? null : textsIn(known.descriptor, data);
  }

  /**
   * The message that JSON text stands for at a path, or why there is none. `place` is that of the text in the request. What it
   * says is larger than a value may be is for the caller to refuse.
   */
  message(text: string, path: string, bound: Bound, place: string): Value | Rejection {
    const compiled = this.#compiler.known(bound.schema);
    if ('problems' in compiled) return unusable(bound.schema, compiled);
    const { messageType } = bound.binding;
    const known = typeIn(compiled, messageType);
    const said =
      known === null
        ? [{ rule: 'type', subject: '', message: 'a message where JSON is due' }]
        : messageFromJson(known, text);
    if (!(said instanceof Uint8Array)) {
      const violations = said.map((problem) => violationOf(problem, place));
      return violated(path, bound, violations);
    }
    const data = Buffer.from(said.buffer, said.byteOffset, said.length).toString('latin1');
    return { kind: 'message', data, bytes: said.length, type: `type.googleapis.com/${messageType}` };
  }

  /** Who knows one version can read what another one wrote. */
  getAlong(some: SchemaVersion, other: SchemaVersion): boolean {
    const [older, newer] = some.version < other.version ? [some, other] : [other, some];
    if (older === newer) return true;
    let known = this.#along.get(older);
    if (known === undefined) this.#along.set(older, (known = new WeakMap()));
    let along = known.get(newer);
    if (along === undefined) known.set(newer, (along = this.#compare(older, newer)));
    return along;
  }

  /** Whether this broker can work with a version, and why not. */
  whyUnusable(schema: SchemaVersion): Rejection | null {
    const compiled = this.#compiler.known(schema);
    return 'problems' in compiled ? unusable(schema, compiled) : null;
  }

  /** What cannot be compiled is not compared: it is told as it is stored. */
  #compare(older: SchemaVersion, newer: SchemaVersion): boolean {
    const [was, is] = [this.#compiler.known(older), this.#compiler.known(newer)];
    if ('problems' in was || 'problems' in is) return true;
    const [problem] = incompatibilities(was, older.bindings, is, newer.bindings);
    return problem === undefined;
  }
}

/** The last revision that who knows `pinned` can read: that before the first later version that does not get along with it. */
export function lastReadable(forms: ValueForms, schemas: SchemaTable, pinned: SchemaVersion): number {
  const over = schemas.versions.find(
    (each) => each.name === pinned.name && each.version > pinned.version && !forms.getAlong(pinned, each),
  );
  return over === undefined ? 0 : over.revision - 1;
}

function typeIn(compiled: unknown, messageType: string): MessageType | null {
  if (!(compiled instanceof ProtobufSchema)) return null;
  const descriptor = compiled.message(messageType);
  return descriptor === undefined ? null : { descriptor, registry: compiled.registry };
}

function isOfType(url: string, messageType: string): boolean {
  return url.slice(url.lastIndexOf('/') + 1) === messageType;
}

/** In which form values are told to a reader, and which versions of schemas it knows. */
import { create } from '@bufbuild/protobuf';
import { schemaPinsMax } from '../../base/limits.ts';
import {
  FormProblem,
  ValueSchema,
  type Value as ValueMessage,
  type ValueView,
} from '../../gen/hyperloom/v1/node_pb.ts';
import { lastReadable, type ValueForms } from '../../schema/value-forms.ts';
import type { FormProblem as Problem } from '../../schema/value-forms.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { ForestEvent } from '../../state/event.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { SchemaVersion } from '../../state/schemas/schema.ts';
import type { Bound } from '../../state/schemas/schema-table.ts';
import type { Value } from '../../state/values/value.ts';
import { checkCount, checkEnum, toNumber } from '../checks.ts';
import { orRefuse, refuse, violation } from '../errors.ts';
import { schemasOf } from './ghost-schemas.ts';
import { checkSchemaName } from './schema.ts';
import { utf8, valueMessage } from './value-message.ts';
import type { TellValue } from './value-message.ts';

const forms = ['stored', 'stored', 'json'] as const;

const problems: Readonly<Record<Problem, FormProblem>> = {
  unbound: FormProblem.UNBOUND,
  no_json: FormProblem.NO_JSON,
  too_large: FormProblem.TOO_LARGE,
  schema_unusable: FormProblem.SCHEMA_UNUSABLE,
  superseded: FormProblem.SUPERSEDED,
};

/** What a request says of the form of values. */
export type AskedForm = Pick<ValueView, 'form' | 'pins'>;

/** How values are told to one reader. */
export class ValueReading {
  readonly #forest: Forest;
  readonly #forms: ValueForms;
  readonly #isJson: boolean;
  readonly #pins: ReadonlyMap<string, SchemaVersion>;

  /** Refuses pins of what there is not. `place` is that of the form in the request. */
  constructor(forest: Forest, valueForms: ValueForms, asked: AskedForm | undefined, place: string) {
    this.#forest = forest;
    this.#forms = valueForms;
    this.#isJson = checkEnum(asked?.form ?? 0, forms, place) === 'json';
    this.#pins = pinsFrom(forest, valueForms, asked?.pins ?? []);
  }

  /** Equal for those of a forest that tell alike. */
  get key(): string {
    const pins = [...this.#pins.values()].map(({ name, version }) => `${name} ${version}`).sort();
    return [this.#isJson ? 'json' : 'stored', ...pins].join();
  }

  /** Values of the trunk at a revision. */
  at(revision: number): TellValue {
    if (!this.#isJson) return valueMessage;
    const bindings = this.#forest.schemas.asOf(revision);
    return (value, path) =>
      value.kind === 'message' ? this.#json(value, bindings.find(path)) : valueMessage(value);
  }

  /** Values in a ghost: what is not staged is as it was at the revision that the ghost stands on. */
  inGhost(baseRevision: number, ghostId: string): TellValue {
    if (!this.#isJson) return valueMessage;
    const { schemas } = this.#forest;
    const coming = this.#forest.schemasIn(ghostId);
    const [then, now] = [schemas.asOf(baseRevision), schemas.asOf(this.#forest.view().revision)];
    return (value, path, modified) => {
      if (value.kind !== 'message') return valueMessage(value);
      const [was, is] = [then.find(path), now.find(path)];
      if (modified >= 0) return this.#json(value, was);
      // What a migration has staged is of the version that it brings.
      if (coming !== schemas) return this.#json(value, coming.find(path));
      const isSame = was !== null && is !== null && was.schema.name === is.schema.name;
      if (isSame && !this.#forms.getAlong(was.schema, is.schema)) return untold(value, 'superseded');
      return this.#json(value, is);
    };
  }

  /** Values on both sides of an event. */
  around(event: ForestEvent): { readonly before: TellValue; readonly after: TellValue } {
    if (!this.#isJson) return asStored;
    const { revision } = event;
    if (revision > 0) return { before: this.at(revision - 1), after: this.at(revision) };
    const tell = this.#staged(event);
    return { before: tell, after: tell };
  }

  /** What an event tells that happened in a ghost. */
  #staged(event: ForestEvent): TellValue {
    const of = schemasOf(this.#forest, event);
    if (of.kind === 'revision') return this.at(of.revision);
    const schemas = of.kind === 'coming' ? of.schemas : this.#forest.schemas;
    return (value, path) => {
      if (value.kind !== 'message') return valueMessage(value);
      const bound = schemas.find(path);
      const isGone = of.kind === 'gone' && bound?.schema.name === of.name;
      return isGone ? untold(value, 'superseded') : this.#json(value, bound);
    };
  }

  /** Why the reader cannot see the trunk at a revision; `null` where it can. */
  superseded(revision: number): Rejection | null {
    return this.#pins.size === 0 ? null : this.#refusal((name) => this.#forest.schemas.at(name, 0, revision));
  }

  /** The same for a ghost. */
  supersededInGhost(baseRevision: number, ghostId: string): Rejection | null {
    if (this.#pins.size === 0) return null;
    const coming = this.#forest.schemasIn(ghostId);
    const refused = this.superseded(baseRevision) ?? this.superseded(this.#forest.view().revision);
    return refused ?? this.#refusal((name) => coming.newest(name));
  }

  /** The same for an event. What of a ghost's migration is gone, is told with that. */
  supersededAt(event: ForestEvent): Rejection | null {
    if (this.#pins.size === 0) return null;
    const of = schemasOf(this.#forest, event);
    if (of.kind === 'coming') return this.#refusal((name) => of.schemas.newest(name));
    return of.kind === 'gone' ? null : this.superseded(of.revision);
  }

  /** The newest revision of the trunk, up to `revision`, that the reader can see; or why there is none. */
  lastReadable(revision: number): number | Rejection {
    let readable = revision;
    for (;;) {
      const refused = this.superseded(readable);
      if (refused === null) return readable;
      const last = Number(refused.metadata.last_revision);
      if (last === 0 || last >= readable) return refused;
      readable = last;
    }
  }

  /** Why the reader cannot see what is of these versions. */
  #refusal(inForceOf: (name: string) => SchemaVersion | undefined): Rejection | null {
    for (const pinned of this.#pins.values()) {
      const { name, version } = pinned;
      const inForce = inForceOf(name);
      if (inForce === undefined || this.#forms.getAlong(pinned, inForce)) continue;
      const last = lastReadable(this.#forms, this.#forest.schemas, pinned);
      const until = last === 0 ? '' : `; read at revision ${last}`;
      const message = `version ${inForce.version} of the schema ${name} is in force there, which does not get along with version ${version}${until}`;
      const metadata = { schema: name, version, in_force: inForce.version, last_revision: last };
      return reject('SCHEMA_SUPERSEDED', message, metadata);
    }
    return null;
  }

  #json(value: Value, bound: Bound | null): ValueMessage {
    if (bound === null) return untold(value, 'unbound');
    const told = this.#forms.json(value, bound, this.#pins.get(bound.schema.name));
    if (typeof told === 'string') return untold(value, told);
    return create(ValueSchema, { kind: { case: 'json', value: utf8(told.json) } });
  }
}

const asStored = { before: valueMessage, after: valueMessage };
const noPins: ReadonlyMap<string, SchemaVersion> = new Map();

/** A message as it is stored, with why it is not JSON. */
function untold(value: Value, problem: Problem): ValueMessage {
  const message = valueMessage(value);
  message.formProblem = problems[problem];
  return message;
}

function pinsFrom(
  forest: Forest,
  valueForms: ValueForms,
  asked: AskedForm['pins'],
): ReadonlyMap<string, SchemaVersion> {
  if (asked.length === 0) return noPins;
  checkCount(asked.length, 'values.pins', 'schemaPinsMax', schemaPinsMax);
  const pins = new Map<string, SchemaVersion>();
  const { revision } = forest.view();
  for (const [index, { schema: name, version: wanted }] of asked.entries()) {
    const field = `values.pins[${index}]`;
    const version = toNumber(wanted);
    checkSchemaName(name, `${field}.schema`);
    if (version === 0) violation(`${field}.version`, 'required');
    if (pins.has(name)) violation(`${field}.schema`, `there is another pin of the schema ${name}`);
    const pinned = forest.schemas.at(name, version, revision);
    if (pinned === undefined) {
      const message = `there is no version ${version} of the schema ${name}`;
      return refuse('SCHEMA_NOT_FOUND', message, { schema: name, version, revision });
    }
    if (pinned.format !== 'protobuf')
      violation(`${field}.schema`, `${name} is a JSON Schema, whose values have one form only`);
    orRefuse(valueForms.whyUnusable(pinned));
    pins.set(name, pinned);
  }
  return pins;
}

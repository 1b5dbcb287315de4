/** JSON Schemas of draft 2020-12, compiled by Ajv, without the means to take time or memory without bound. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, Format, FormatDefinition, ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { FormatName } from 'ajv-formats';
import {
  formatCharactersMax,
  jsonAllErrorsBytesMax,
  jsonSchemaBytesMax,
  schemaProblemsMax,
} from '../base/limits.ts';
import { formatTemplate } from '../state/schemas/path-template.ts';
import type { SchemaBinding } from '../state/schemas/schema.ts';
import { jsonText } from '../state/values/value.ts';
import type { Value } from '../state/values/value.ts';
import { kindName, uncompilable } from './compiled.ts';
import type { CompiledSchema, Problem, Uncompilable } from './compiled.ts';
import { messageOf } from './descriptor-set.ts';
import { addStepKeyword, Budget, budgetSpent, countSteps, isObject, subschemas } from './json-budget.ts';
import { addExactKeywords } from './json-keywords.ts';
import type { Reading } from './json-keywords.ts';
import { readJson, WrittenNumbers } from './json-numbers.ts';
import { patternEngine } from './json-pattern.ts';

/** The formats of draft 2020-12 that can be checked; others are refused rather than passed over. */
const formats: readonly FormatName[] = [
  'date',
  'time',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
  'json-pointer',
  'relative-json-pointer',
  'regex',
];

const noNumbers = new WrittenNumbers();

const draft = 'https://json-schema.org/draft/2020-12/schema';

/** A schema out of JSON text, which is known to parse. */
export function compileJsonSchema(text: string, binding: SchemaBinding): JsonSchema | Uncompilable {
  if (text.length > jsonSchemaBytesMax) {
    const message = `it has ${text.length} characters; ${jsonSchemaBytesMax} is the maximum (jsonSchemaBytesMax)`;
    return uncompilable('size', message);
  }
  const { json: schema, numbers } = readJson(text);
  const problem = kindProblem(schema);
  if (problem !== null) return { problems: [problem] };
  countSteps(schema);
  try {
    return new JsonSchema(schema as object | boolean, numbers, binding);
  } catch (error) {
    return uncompilable('json_schema', `it does not compile: ${explain(error)}`);
  }
}

function kindProblem(schema: unknown): Problem | null {
  const problem = (rule: string, message: string): Problem => ({ rule, subject: '', message });
  if (typeof schema !== 'boolean' && !isObject(schema))
    return problem('json_schema', 'a schema is an object or a boolean');
  for (const each of subschemas(schema)) {
    if ('$schema' in each && String(each.$schema).replace(/#$/, '') !== draft)
      return problem('$schema', `${String(each.$schema)} is not known here; ${draft} is`);
    if ('$async' in each) return problem('$async', 'a schema cannot wait for anything');
    const unknown = Object.keys(each).filter((key) => key.startsWith('x-'));
    for (const key of unknown) delete each[key];
    namePrototype(each);
  }
  return null;
}

/** Ajv passes over a property that is called like this; a pattern that only this name fits says the same. */
function namePrototype(schema: Record<string, unknown>): void {
  const { properties, patternProperties: patterns } = schema;
  if (!isObject(properties) || !Object.hasOwn(properties, '__proto__')) return;
  const { ['__proto__']: named, ...others } = properties;
  schema.properties = others;
  schema.patternProperties = { ...(isObject(patterns) ? patterns : {}), '^(?:__proto__)$': named };
}

function explain(error: unknown): string {
  const message = messageOf(error);
  return /can't resolve reference/.test(message)
    ? `${message}; references stay within the schema, nothing is fetched`
    : message;
}

export class JsonSchema implements CompiledSchema {
  readonly format = 'json_schema';
  readonly bindings: readonly SchemaBinding[];
  readonly #budget = new Budget();
  readonly #reading: Reading;
  readonly #schema: object | boolean;
  readonly #first: ValidateFunction;
  /** Made when it is needed: most values fit. */
  #all: ValidateFunction | null = null;

  /** `schema` is what `json-numbers.ts` made of its text. */
  constructor(schema: object | boolean, numbers: WrittenNumbers, binding: SchemaBinding) {
    this.bindings = [binding];
    this.#reading = { schema: numbers, value: noNumbers };
    this.#schema = schema;
    this.#first = this.#compile(schema, false);
  }

  check(binding: SchemaBinding, value: Value): readonly Problem[] {
    if (value.kind !== 'json' && value.kind !== 'items') {
      const message = `${kindName(value.kind)} where JSON is due at ${formatTemplate(binding.template)}`;
      return [{ rule: 'type', subject: '', message }];
    }
    const json = readJson(jsonText(value));
    const first = this.#run(this.#first, json);
    if (first.length === 0 || value.bytes > jsonAllErrorsBytesMax) return first;
    this.#all ??= this.#compile(this.#schema, true);
    return this.#run(this.#all, json);
  }

  #run(
    validate: ValidateFunction,
    { json, holder, key, numbers }: ReturnType<typeof readJson>,
  ): readonly Problem[] {
    this.#budget.start();
    this.#reading.value = numbers;
    try {
      const place = { instancePath: '', parentData: holder, parentDataProperty: key };
      if (validate(json, { ...place, rootData: json as object, dynamicAnchors: {} })) return [];
    } catch (error) {
      if (error !== budgetSpent) throw error;
      return [
        { rule: 'budget', subject: '', message: 'checking it takes too many steps (jsonSchemaStepsMax)' },
      ];
    } finally {
      this.#reading.value = noNumbers;
    }
    return (validate.errors ?? []).slice(0, schemaProblemsMax).map(problemOf);
  }

  #compile(schema: object | boolean, allErrors: boolean): ValidateFunction {
    const ajv = new Ajv2020({
      allErrors,
      strictSchema: true,
      strictTypes: false,
      strictTuples: false,
      strictRequired: false,
      ownProperties: true,
      inlineRefs: false,
      addUsedSchema: false,
      logger: false,
      unicodeRegExp: true,
      code: { regExp: patternEngine },
    });
    addStepKeyword(ajv, this.#budget);
    addExactKeywords(ajv, this.#reading, this.#budget);
    // Ajv finds them, and does not know them.
    ajv.addKeyword({ keyword: '$anchor', schemaType: 'string' });
    for (const name of formats) ajv.addFormat(name, bounded(fullFormats[name], this.#budget));
    return ajv.compile(schema);
  }
}

/** A format that is not tried on long texts, and counts by the square of their length what it may take. */
function bounded(format: Format, budget: Budget): FormatDefinition<string> {
  const test = testOf(format);
  return {
    type: 'string',
    validate(text: string) {
      if (text.length > formatCharactersMax) return false;
      budget.spend((text.length * text.length) >>> 12);
      return test(text);
    },
  };
}

function testOf(format: Format): (text: string) => boolean {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return (text) => format(text);
  if (typeof format === 'object' && 'validate' in format) return testOf(format.validate as Format);
  throw new TypeError('a format of a kind that is not known');
}

function problemOf(error: ErrorObject): Problem {
  const params = error.params as Readonly<Record<string, unknown>>;
  const below = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  const subject = fieldPath(error.instancePath, typeof below === 'string' ? below : undefined);
  return { rule: error.keyword, subject, message: error.message ?? 'does not fit' };
}

/** `/sources/0/url` as `sources[0].url`. */
function fieldPath(pointer: string, below: string | undefined): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (below !== undefined) parts.push(below);
  let path = '';
  for (const part of parts) {
    if (/^\d+$/.test(part)) path += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) path += path === '' ? part : `.${part}`;
    else path += `[${JSON.stringify(part)}]`;
  }
  return path;
}

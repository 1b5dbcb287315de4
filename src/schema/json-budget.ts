/**
 * Bounds what checking one value against a JSON Schema may take. Alternatives within alternatives, or definitions that name
 * each other twice, take a time that is exponential in a schema of a few lines; so each subschema counts its visits, and
 * a value that needs too many is refused.
 */
import type { Ajv2020, FuncKeywordDefinition } from 'ajv/dist/2020.js';
import { jsonSchemaStepsMax } from '../base/limits.ts';

/** Thrown when the budget is spent; one object, because it says nothing about where. */
export const budgetSpent = new Error('the check visits too many subschemas');

const stepKeyword = 'x-hyperloom-step';

/** What is left of a check's budget. Checks are synchronous, so one is enough. */
export class Budget {
  #left = 0;

  /** A check begins. */
  start(): void {
    this.#left = jsonSchemaStepsMax;
  }

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw budgetSpent;
  }
}

/** Makes `ajv` count what it visits. */
export function addStepKeyword(ajv: Ajv2020, budget: Budget): void {
  const keyword: FuncKeywordDefinition = {
    keyword: stepKeyword,
    // First of all, so that what fails later has been counted.
    before: '$ref',
    schema: false,
    errors: false,
    // Always true, which Ajv may not be told: it would leave the call out.
    validate: () => {
      budget.spend(1);
      return true;
    },
  };
  ajv.addKeyword(keyword);
}

/** JSON that may be a schema: an object, without a prototype's promises. */
type SchemaObject = Record<string, unknown>;

const single = new Set([
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]);
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const named = new Set(['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas']);

/** All subschemas that are objects, the schema itself first. */
export function* subschemas(schema: unknown): Generator<SchemaObject> {
  if (!isObject(schema)) return;
  yield schema;
  for (const [keyword, value] of Object.entries(schema)) {
    if (single.has(keyword)) yield* subschemas(value);
    else if (lists.has(keyword) && Array.isArray(value)) for (const each of value) yield* subschemas(each);
    else if (named.has(keyword) && isObject(value))
      for (const each of Object.values(value)) yield* subschemas(each);
  }
}

/** Puts the step keyword into every subschema of a schema, which it edits. */
export function countSteps(schema: unknown): void {
  for (const each of [...subschemas(schema)]) each[stepKeyword] = true;
}

export function isObject(json: unknown): json is SchemaObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

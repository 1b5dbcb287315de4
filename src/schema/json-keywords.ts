/**
 * Keywords of JSON Schemas that compare numbers, in place of Ajv's: decided on what is written, where Ajv decides on doubles. Two values
 * are compared without their prototypes' help, so no key of a value means anything.
 */
import type { Ajv2020, FuncKeywordDefinition, JSONType } from 'ajv/dist/2020.js';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import { isMultiple } from '../state/values/decimal.ts';
import type { Budget } from './json-budget.ts';
import { canonicalAt, compareNumbers, decimalAt, isSameAt, textAt } from './json-numbers.ts';
import type { Place, WrittenNumbers } from './json-numbers.ts';

/** Whether the value at a place does what a keyword wants. */
type Test = (data: Place) => boolean;

interface Keyword {
  /** What it is about and what it is given; all, where nothing is said. */
  readonly type?: JSONType;
  readonly schemaType?: JSONType;
  /** What is wanted, with the test for it. */
  readonly make: (wanted: Place) => readonly [what: string, test: Test];
}

/** The numbers of a schema, and of the value that is checked now. */
export interface Reading {
  readonly schema: WrittenNumbers;
  value: WrittenNumbers;
}

/** Gives `ajv` the keywords. */
export function addExactKeywords(ajv: Ajv2020, reading: Reading, budget: Budget): void {
  for (const [keyword, { make, ...types }] of Object.entries(keywords(budget))) {
    const definition: FuncKeywordDefinition = {
      keyword,
      ...types,
      compile(_, parent) {
        const [what, test] = make({ holder: parent, key: keyword, numbers: reading.schema });
        const validate: DataValidateFunction = (data: unknown, context) => {
          if (context === undefined) throw new TypeError('a value without a place');
          const { parentData: holder, parentDataProperty: key } = context;
          // The name of a property lies nowhere.
          const place =
            typeof data === 'string' ? { holder: [data], key: 0 } : { holder: holder as object, key };
          if (test({ ...place, numbers: reading.value })) return true;
          validate.errors = [{ keyword, message: what, params: {} }];
          return false;
        };
        return validate;
      },
    };
    ajv.removeKeyword(keyword);
    ajv.addKeyword(definition);
  }
}

function keywords(budget: Budget): Readonly<Record<string, Keyword>> {
  return {
    maximum: limit('<=', (order) => order <= 0),
    minimum: limit('>=', (order) => order >= 0),
    exclusiveMaximum: limit('<', (order) => order < 0),
    exclusiveMinimum: limit('>', (order) => order > 0),
    multipleOf: { type: 'number', schemaType: 'number', make: (wanted) => multipleOf(wanted, budget) },
    const: {
      make: (wanted) => [`must be equal to constant: ${textAt(wanted)}`, (data) => isSameAt(wanted, data)],
    },
    enum: { schemaType: 'array', make: oneOf },
    uniqueItems: {
      type: 'array',
      schemaType: 'boolean',
      make: ({ holder }) => {
        const isWanted = (holder as { uniqueItems: boolean }).uniqueItems;
        return ['must NOT have duplicate items', (data) => !isWanted || isUnique(data)];
      },
    },
  };
}

function limit(sign: string, isWithin: (order: number) => boolean): Keyword {
  return {
    type: 'number',
    schemaType: 'number',
    make: (wanted) => [`must be ${sign} ${textAt(wanted)}`, (data) => isWithin(compareNumbers(data, wanted))],
  };
}

function multipleOf(wanted: Place, budget: Budget): readonly [string, Test] {
  const [text, divisor] = [textAt(wanted), decimalAt(wanted)];
  const test: Test = (data) => {
    const length = (data.numbers.textAt(data.holder, data.key)?.length ?? 0) + text.length;
    budget.spend(length ** 2 / 4_096);
    return isMultiple(decimalAt(data), divisor);
  };
  return [`must be multiple of ${text}`, test];
}

function oneOf({ holder, numbers }: Place): readonly [string, Test] {
  const { enum: values } = holder as { enum: readonly unknown[] };
  const wanted = values.map((_, key): Place => ({ holder: values, key, numbers }));
  const text = textAt({ holder, key: 'enum', numbers });
  const test: Test = (data) => wanted.some((each) => isSameAt(each, data));
  return [`must be equal to one of the allowed values: ${text}`, test];
}

/** In time that grows with the array: Ajv's own compares each item with each other one. */
function isUnique({ holder, key, numbers }: Place): boolean {
  const items = (holder as Record<string | number, readonly unknown[]>)[key] ?? [];
  const seen = new Set(items.map((_, index) => canonicalAt({ holder: items, key: index, numbers })));
  return seen.size === items.length;
}

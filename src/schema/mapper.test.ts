/**
 * Goal: stored values become those of the coming version without anything being lost on the way, or are named, within bounds. Method:
 * versions by `buf`, values in a tree of their own.
 */
import { describe, expect, test } from 'vitest';
import { create, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { buildProtos, encoded, messageOf } from '../../test/support/schemas.ts';
import { path } from '../../test/support/forests.ts';
import { mappedValuesMax, schemaProblemsMax, valueBytesMax } from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { Rejection } from '../state/outcome.ts';
import { operate } from '../state/values/operate.ts';
import { emptyForest } from '../state/forest.ts';
import type { SchemaVersion } from '../state/schemas/schema.ts';
import type { MappedValue } from '../state/schemas/value-mapper.ts';
import type { Entry } from '../state/values/value.ts';
import { formatPath } from '../trie/path.ts';
import { Transaction } from '../trie/transaction.ts';
import { SchemaCompiler } from './compile.ts';
import type { MessageRules } from './field-mapping.ts';
import { SchemaMapper } from './mapper.ts';

const setOf = (fields: string) =>
  buildProtos({
    'acme/v1/acme.proto': `syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "hyperloom/v1/node_options.proto";
message Note { option (hyperloom.v1.node).path = "/notes/{n}"; ${fields} }
message Part { string word = 1; }
message Known { Part part = 1; }
`,
  });
const first = setOf(
  'string text = 1; google.protobuf.Any any = 2; repeated Part parts = 3; map<string, Part> named = 4;',
);
const second = setOf(
  'string words = 1 [(buf.validate.field).string.max_bytes = 3000000]; google.protobuf.Any any = 2; repeated Part parts = 3; map<string, Part> named = 4; bytes more = 5;',
);
const note = messageOf(first, 'acme.v1.Note');
const compiler = new SchemaCompiler();

function versionOf(set: Uint8Array): SchemaVersion {
  const source = { name: 'notes', format: 'protobuf' as const, definition: latin1(set), bindings: [] };
  const compiled = compiler.coming(source);
  if ('problems' in compiled) throw new Error('it does not compile');
  return { ...source, bindings: compiled.bindings, version: 1, revision: 1, author: '', timeMs: 0 };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const [previous, coming] = [versionOf(first), versionOf(second)];

/** A tree of such messages. */
function treeOf(values: Iterable<readonly [at: string, bytes: Uint8Array]>): Root {
  const empty = emptyForest().root;
  const transaction = new Transaction<Entry>(empty, 1);
  const context = { stamp: 1, author: '', revision: 0, compactedRevision: 0, past: () => empty, sums: [] };
  for (const [at, bytes] of values) {
    const type = 'type.googleapis.com/acme.v1.Note';
    const value = { kind: 'message', data: latin1(bytes), bytes: bytes.length, type } as const;
    operate(transaction, { kind: 'put', path: path(at), value }, context);
  }
  return transaction.commit();
}

const toWords = { kind: 'move', from: 'text', to: 'words' } as const;

function map(root: Root, more: Partial<MessageRules> = {}): readonly MappedValue[] | Rejection {
  const rules = { messageType: 'acme.v1.Note', rules: [toWords], dropUnknownFields: false, ...more };
  const steps = new SchemaMapper(compiler, coming, [rules]).map(previous, root);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Paths that were mapped, or what stands in the way. */
function told(root: Root, more: Partial<MessageRules> = {}): readonly string[] {
  const made = map(root, more);
  if (!('reason' in made)) return made.map((each) => formatPath(each.path));
  return [made.reason, ...made.violations.map(({ field, rule = '' }) => `${field} ${rule}`)];
}

/** A field of number 15 that holds the number 1. */
const unknown = Uint8Array.of(15 << 3, 1);
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
/** A field of that number that is these bytes. */
const field = (number: number, bytes: Uint8Array) =>
  join(Uint8Array.of((number << 3) | 2, bytes.length), bytes);

describe('unknown fields', () => {
  const anyOf = (value: Uint8Array<ArrayBuffer>, type = 'acme.v1.Known') =>
    toBinary(AnySchema, create(AnySchema, { typeUrl: `x/${type}`, value }));

  test.each<readonly [string, Uint8Array]>([
    ['in the message', unknown],
    ['in an item of a list', field(3, unknown)],
    ['in a value of a map', field(4, join(field(1, Buffer.from('k')), field(2, unknown)))],
    ['in an Any', field(2, anyOf(unknown))],
    ['in a message in an Any', field(2, anyOf(field(1, unknown)))],
  ])('%s are not lost unless that is said', (_, bytes) => {
    const root = treeOf([
      ['/notes/a', encoded(note, { text: 'x' })],
      ['/notes/b', bytes],
    ]);
    expect(told(root)).toEqual(['SCHEMA_STORED', '/notes/b MAPPING_UNKNOWN_FIELDS']);
    expect(told(root, { dropUnknownFields: true })).toEqual(['/notes/a', '/notes/b']);
  });

  test('are not what an Any holds that is known in full; one of an unknown type is refused', () => {
    const fine = field(2, anyOf(field(1, field(1, Buffer.from('w')))));
    const odd = field(2, anyOf(unknown, 'acme.v1.Other'));
    expect(told(treeOf([['/notes/a', fine]]))).toEqual(['/notes/a']);
    expect(told(treeOf([['/notes/a', odd]]))).toEqual(['SCHEMA_STORED', '/notes/a MAPPING_VALUE']);
  });
});

describe('bounds', () => {
  const large = (bytes: number) => encoded(note, { text: 'x'.repeat(bytes) });

  test('a value that is too large before or after it is mapped is named', () => {
    const more = { kind: 'constant', field: 'more', json: `"${'A'.repeat(40_000)}"` } as const;
    const root = treeOf([
      ['/notes/after', large(valueBytesMax - 10_000)],
      ['/notes/before', large(valueBytesMax + 1)],
      ['/notes/fine', large(10)],
    ]);
    expect(told(root, { rules: [toWords, more] })).toEqual([
      'SCHEMA_STORED',
      '/notes/after MAPPING_SIZE',
      '/notes/before MAPPING_SIZE',
    ]);
  });

  test('more values than can be mapped are refused before any is', () => {
    const empty = new Uint8Array();
    const values = function* (count: number): Generator<readonly [string, Uint8Array]> {
      for (let index = 0; index < count; index += 1) yield [`/notes/n${index}`, empty];
    };
    const refused = map(treeOf(values(mappedValuesMax + 1)));
    expect(refused).toMatchObject({ reason: 'QUOTA_EXCEEDED', metadata: { limit: 'mappedValuesMax' } });
  });

  test('as many problems are told as of any schema', () => {
    const values = Array.from(
      { length: schemaProblemsMax + 50 },
      (_, index) => [`/notes/n${index}`, unknown] as const,
    );
    expect(told(treeOf(values))).toHaveLength(1 + schemaProblemsMax);
  });
});

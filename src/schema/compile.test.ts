/**
 * Goal: a definition that is wrong is refused in words that say what to do, and no definition and no value can take time
 * without bound. Method: a table of bad definitions, descriptor sets by `buf` and by hand; values made to be slow.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  DescriptorProtoSchema,
  Edition,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { acme, buildProtos, encoded, messageOf } from '../../test/support/schemas.ts';
import { parseTemplate } from '../state/schemas/path-template.ts';
import type { SchemaSource } from '../state/schemas/schema.ts';
import type { Value } from '../state/values/value.ts';
import { utf8Length } from '../trie/path.ts';
import { SchemaCompiler } from './compile.ts';

const bound = 'option (hyperloom.v1.node).path = "/{a}/notes/{b}";';

function compileSet(bytes: Uint8Array) {
  const definition = Buffer.from(bytes).toString('latin1');
  return new SchemaCompiler().coming({ name: 'x', format: 'protobuf', definition, bindings: [] });
}

function jsonSource(schema: unknown): SchemaSource {
  const template = parseTemplate('/{a}/plans/{b}');
  if ('problem' in template) throw new Error(template.problem);
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
  const definition = Buffer.from(text).toString('latin1');
  return { name: 'x', format: 'json_schema', definition, bindings: [{ template, messageType: '' }] };
}

function compileJson(schema: unknown) {
  return new SchemaCompiler().coming(jsonSource(schema));
}

function json(value: unknown): Value {
  const data = JSON.stringify(value);
  return { kind: 'json', data, bytes: utf8Length(data), type: '' };
}

/** A set whose only file is edited by hand. */
function edited(change: (file: FileDescriptorProto) => void): Uint8Array {
  const set = fromBinary(
    FileDescriptorSetSchema,
    buildProtos({ 'plain.proto': 'syntax = "proto3"; message M {}' }),
  );
  for (const file of set.file) change(file);
  return toBinary(FileDescriptorSetSchema, set);
}

/** A message with this field, and what else the file says. */
const withField = (field: string, more = ''): Uint8Array => acme(`message N { ${bound} ${field} } ${more}`);
const withCel = (expression: string, fields = 'int64 n = 1; string s = 2;'): Uint8Array =>
  acme(`message N { ${bound}
    option (buf.validate.message).cel = { id: "n.rule", message: "no", expression: "${expression}" }; ${fields} }`);

/** A bound message with so many fields, or with fields of so many messages. */
function grown({ fields = 0, messages = 0 }): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, acme(`message N { ${bound} }`));
  const file = set.file.find(({ name }) => name === 'acme/v1/acme.proto');
  const label = FieldDescriptorProto_Label.OPTIONAL;
  for (let number = 1; number <= fields + messages; number += 1) {
    const name = `f${number}`;
    const type = messages > 0 ? FieldDescriptorProto_Type.MESSAGE : FieldDescriptorProto_Type.BOOL;
    const typeName = messages > 0 ? `.acme.v1.M${number}` : '';
    file?.messageType[0]?.field.push(
      create(FieldDescriptorProtoSchema, { name, number, label, type, typeName }),
    );
    if (messages > 0) file?.messageType.push(create(DescriptorProtoSchema, { name: `M${number}` }));
  }
  return toBinary(FileDescriptorSetSchema, set);
}

const badSets: readonly (readonly [string, () => Uint8Array, string, RegExp])[] = [
  [
    'bytes that are no set',
    () => Uint8Array.of(10, 200, 1),
    'descriptor_set',
    /no google.protobuf.FileDescriptorSet/,
  ],
  ['an empty set', () => new Uint8Array(), 'descriptor_set', /no files/],
  [
    'a set without its imports',
    () => edited((file) => file.dependency.push('a/b.proto')),
    'import',
    /include_imports/,
  ],
  [
    'a set that does not link',
    () =>
      edited((file) => {
        const { MESSAGE: type } = FieldDescriptorProto_Type;
        const label = FieldDescriptorProto_Label.OPTIONAL;
        const field = { name: 'f', number: 1, type, label, typeName: '.no.Where' };
        file.messageType[0]?.field.push(create(FieldDescriptorProtoSchema, field));
      }),
    'descriptor_set',
    /does not link/,
  ],
  [
    'an edition that is not known',
    () =>
      edited((file) => {
        file.syntax = 'editions';
        file.edition = 8_888 as Edition;
      }),
    'edition',
    /its edition is not known here/,
  ],
  [
    'the edition of tests',
    () =>
      edited((file) => {
        file.syntax = 'editions';
        file.edition = Edition.EDITION_MAX;
      }),
    'edition',
    /EDITION_MAX is not known/,
  ],
  [
    'no message with a path',
    () => acme('message N { string s = 1; }'),
    'path',
    /no message of it has the option/,
  ],
  [
    'a path that is none',
    () => acme('message N { option (hyperloom.v1.node).path = "a/{b}"; }'),
    'path',
    /"a\/\{b\}": a path begins with "\/"/,
  ],
  [
    'a variable that is used twice',
    () => acme('message N { option (hyperloom.v1.node).path = "/{a}/{a}"; }'),
    'path',
    /\{a\} stands for two segments/,
  ],
  [
    'two messages at overlapping paths',
    () => acme(`message N { ${bound} } message O { option (hyperloom.v1.node).path = "/s/{kind}/{c}"; }`),
    'overlap',
    /\/s\/\{kind\}\/\{c\} has paths in common with \/\{a\}\/notes\/\{b\} of acme.v1.N/,
  ],
  ['a recursive message', () => withField('N inner = 1;'), 'recursion', /acme.v1.N → acme.v1.N/],
  [
    'a message that is recursive through others',
    () => withField('O other = 1;', 'message O { repeated P p = 1; } message P { map<string, O> o = 1; }'),
    'recursion',
    /acme.v1.O → acme.v1.P → acme.v1.P.OEntry → acme.v1.O|acme.v1.O → acme.v1.P → acme.v1.O/,
  ],
  ['more fields than there may be', () => grown({ fields: 5_001 }), 'size', /schemaFieldsMax/],
  ['more messages than there may be', () => grown({ messages: 501 }), 'size', /schemaMessagesMax/],
  ['a rule that does not parse', () => withCel('this.n >'), 'cel', /n.rule/],
  ['a rule that mixes types', () => withCel("this.n > 'x'"), 'cel', /no matching overload/],
  [
    'a rule that mixes types of what is set only',
    () => withCel("this.s == '' || this.s > 5"),
    'cel',
    /overload/,
  ],
  ['a rule about a field that is not there', () => withCel('this.nope > 1'), 'cel', /nope/],
  ['a rule that calls what is not there', () => withCel('nope(this.n)'), 'cel', /nope|overload/],
  ['a rule about a variable that is not there', () => withCel('that.n > 1'), 'cel', /unresolved/],
  ['a rule that says a number', () => withCel('this.n + 1'), 'cel', /bool or string|wanted/],
  [
    'a rule for another type of field',
    () => withField('int64 n = 1 [(buf.validate.field).string.min_len = 1];'),
    'cel',
    /string/i,
  ],
  [
    'a wrong rule in a message in it',
    () =>
      withField(
        'O o = 1;',
        `message O { string s = 1 [(buf.validate.field).cel = { id: "s", expression: "this > 5" }]; }`,
      ),
    'cel',
    /overload/,
  ],
  [
    'a wrong rule of a further member of a oneof',
    () =>
      withField(
        `oneof x { string s = 1; int64 n = 2 [(buf.validate.field).cel = { id: "n", expression: "this > 'a'" }]; }`,
      ),
    'cel',
    /overload/,
  ],
];

test.each(badSets)('%s is refused', (_, set, rule, told) => {
  const compiled = compileSet(set());
  expect(compiled).toHaveProperty('problems');
  if (!('problems' in compiled)) return;
  expect(compiled.problems[0]?.rule).toBe(rule);
  expect(compiled.problems[0]?.message).toMatch(told);
});

const dynamicFields = `map<string, string> map = 1; google.protobuf.Struct struct = 2; google.protobuf.Value value = 3;
  google.protobuf.Int32Value wrapper = 4; google.protobuf.BoolValue flag = 5; map<int32, Inner> inners = 6; Inner inner = 7;`;
const withDynamic = (expression: string): Uint8Array =>
  buildProtos({
    'acme/v1/acme.proto': `syntax = "proto3";
package acme.v1;
import "buf/validate/validate.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "hyperloom/v1/node_options.proto";
message N { ${bound} option (buf.validate.message).cel = { id: "n", message: "no", expression: "${expression}" };
  ${dynamicFields} }
message Inner { map<string, int64> counts = 1; }`,
  });

test.each([
  ["this.map['k'] == 'v'", 'a key of a map'],
  ['this.inners[7].counts.total > 3', 'keys of maps in maps'],
  ['this.inner.counts.total > 3', 'a key of a map in a message'],
  ["this.struct['a'] == 'b'", 'a key of a Struct'],
  ['this.struct.a.b > 3.0', 'a key of a Struct in a Struct'],
  ['this.value > 3.0', 'a Value'],
  ["this.value.startsWith('a')", 'a Value that is called upon'],
  ['this.wrapper > 3', 'a wrapper that may be unset'],
  ['this.flag ? this.wrapper > 3 : this.map.size() > 0', 'a condition that may be unset'],
])('a rule that not every value has what it takes for is taken: %s, %s', (expression) => {
  expect(compileSet(withDynamic(expression))).not.toHaveProperty('problems');
});

test.each(["this.wrapper > 'x'", "this.map.size() > 'a'", 'this.inner > 3'])(
  'a rule that mixes types beside such is refused: %s',
  (expression) => {
    expect(compileSet(withDynamic(expression))).toHaveProperty('problems');
  },
);

const badSchemas: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['a list', [], 'json_schema', /an object or a boolean/],
  ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, '$schema', /2020-12/],
  ['a keyword that is not known', { maxium: 3 }, 'json_schema', /unknown keyword: "maxium"/],
  [
    'a keyword that is not known, deep inside',
    { properties: { a: { anyOf: [{ maxium: 3 }] } } },
    'json_schema',
    /maxium/,
  ],
  ['a format that is not known', { format: 'iban' }, 'json_schema', /unknown format "iban"/],
  ['a reference to elsewhere', { $ref: 'https://example.com/s.json' }, 'json_schema', /nothing is fetched/],
  ['a reference to nothing', { $ref: '#/$defs/a' }, 'json_schema', /can't resolve reference/],
  ['a pattern that is none', { pattern: '(' }, 'json_schema', /regexp|regex|missing/i],
  ['a pattern with half a character', { pattern: '\\ud83d' }, 'json_schema', /surrogate/],
  ['a pattern with the other half', { pattern: '\\ud83d\\n\\ude00' }, 'json_schema', /surrogate/],
  ['a pattern that looks ahead', { pattern: '^(?=a)' }, 'json_schema', /invalid or unsupported/],
  ['a pattern that refers back', { patternProperties: { '(a)\\1': {} } }, 'json_schema', /invalid escape/],
  ['a type that is none', { type: 'nope' }, 'json_schema', /schema is invalid/],
  ['a schema that waits', { properties: { a: { $async: true } } }, '$async', /cannot wait/],
  ['a schema that is too long', { description: 'x'.repeat(300_000) }, 'size', /jsonSchemaBytesMax/],
];

test.each(badSchemas)('%s is refused', (_, schema, rule, told) => {
  const compiled = compileJson(schema);
  expect(compiled).toHaveProperty('problems');
  if (!('problems' in compiled)) return;
  expect(compiled.problems[0]?.rule).toBe(rule);
  expect(compiled.problems[0]?.message).toMatch(told);
});

/** What is wrong with a value, as `field rule`. */
function checkJson(schema: unknown, value: unknown): string[] {
  const source = jsonSource(schema);
  const compiled = new SchemaCompiler().coming(source);
  const [binding] = source.bindings;
  if ('problems' in compiled || binding === undefined) throw new Error(JSON.stringify(compiled));
  return compiled.check(binding, json(value)).map(({ subject, rule }) => `${subject} ${rule}`.trim());
}

describe('a JSON Schema', () => {
  const withProto = '{"properties":{"__proto__":{"type":"string"}},"additionalProperties":false}';
  test.each([
    [{ pattern: '^\\u00e9+$' }, 'éé', []],
    [{ pattern: '^\\u00e9+$' }, 'e', ['pattern']],
    [{ pattern: '\\cJ' }, '\n', []],
    [{ pattern: '^\\\\u$' }, '\\u', []],
    [{ pattern: '^\\ud83d\\ude00$' }, '😀', []],
    [{ pattern: '^[\\ud83d\\ude00-\\ud83d\\ude4f]$' }, '😃', []],
    [{ pattern: '^[\\u{1f600}]$' }, 'a', ['pattern']],
    [{ $defs: { a: { $anchor: 'text', type: 'string' } }, $ref: '#text' }, 'x', []],
    [{ $defs: { a: { $anchor: 'text', type: 'string' } }, $ref: '#text' }, 1, ['type']],
    [JSON.parse(withProto), JSON.parse('{"__proto__":"x"}'), []],
    [JSON.parse(withProto), JSON.parse('{"__proto__":1}'), ['__proto__ type']],
    [JSON.parse(withProto), JSON.parse('{"__proto":"x"}'), ['__proto additionalProperties']],
    [{ uniqueItems: true }, [1, '1', { a: 1, b: 2 }, { b: 3, a: 1 }, null, [1]], []],
    [
      { uniqueItems: true },
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      ['uniqueItems'],
    ],
    [{ uniqueItems: true }, [0, -0], ['uniqueItems']],
    [{ format: 'email' }, 'a@example.com', []],
    [{ format: 'email' }, 'a@', ['format']],
    [{ format: 'date-time' }, '2026-11-21T15:00:00Z', []],
    [{ format: 'date-time' }, 'yesterday', ['format']],
    [{ 'x-owner': 'us', properties: { a: { 'x-note': 1, type: 'number' } } }, { a: 'x' }, ['a type']],
    [{ required: ['toString'] }, {}, ['toString required']],
    [
      { $defs: { n: { type: 'object', additionalProperties: { $ref: '#/$defs/n' } } }, $ref: '#/$defs/n' },
      { a: { b: {} } },
      [],
    ],
    [
      { $defs: { n: { type: 'object', additionalProperties: { $ref: '#/$defs/n' } } }, $ref: '#/$defs/n' },
      { a: { b: 1 } },
      ['a.b type'],
    ],
    [{ items: { properties: { 'a/b': { const: 1 } } } }, [{ 'a/b': 2 }], ['[0]["a/b"] const']],
    [false, 1, ['false schema']],
  ])('%j says of %j: %j', (schema, value, expected) => {
    expect(checkJson(schema, value)).toEqual(expected);
  });

  test('ends soon whatever it says', () => {
    const doubled: Record<string, unknown> = { d0: { type: 'number' } };
    for (let depth = 1; depth <= 60; depth += 1)
      doubled[`d${depth}`] = {
        allOf: [{ $ref: `#/$defs/d${depth - 1}` }, { $ref: `#/$defs/d${depth - 1}` }],
      };
    expect(checkJson({ $defs: doubled, $ref: '#/$defs/d60' }, 1)).toEqual(['budget']);
    const node = {
      anyOf: [{ properties: { a: { $ref: '#/$defs/n' } } }, { properties: { a: { $ref: '#/$defs/n' } } }],
    };
    const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) });
    const twice = { $defs: { n: { allOf: [{ not: { const: 1 } }, node] } }, $ref: '#/$defs/n' };
    expect(checkJson(twice, deep(200))).toEqual(['budget']);
    expect(checkJson({ pattern: '^(a+)+$' }, `${'a'.repeat(20_000)}b`)).toEqual(['pattern']);
    expect(
      checkJson(
        { uniqueItems: true },
        Array.from({ length: 20_000 }, (_, n) => ({ n })),
      ),
    ).toEqual([]);
    const slow = `${'a'.repeat(2_000)}@`;
    const lists = Array.from({ length: 1_000 }, () => slow);
    expect(checkJson({ items: { anyOf: [{ format: 'email' }, { type: 'string' }] } }, lists)).toEqual([
      'budget',
    ]);
    expect(checkJson({ format: 'email' }, `${'a'.repeat(10_000)}@b.c`)).toEqual(['format']);
  }, 60_000);
});

describe('a descriptor set', () => {
  const set = acme(`
    message N { ${bound}
      string s = 1 [(buf.validate.field).string.pattern = "^(a+)+$"];
      repeated string list = 2 [(buf.validate.field).repeated.unique = true];
      map<string, O> by_name = 3;
      message Inner { option (hyperloom.v1.node).path = "/inner/{x}"; }
    }
    message O { int32 n = 1 [(buf.validate.field).int32.gt = 0]; }
  `);

  test('binds nested messages too, in the order in which they are written', () => {
    const compiled = compileSet(set);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    expect(compiled.bindings.map(({ messageType }) => messageType)).toEqual(['acme.v1.N', 'acme.v1.N.Inner']);
  });

  test('names fields in lists and maps, and ends soon', () => {
    const compiled = compileSet(set);
    const type = messageOf(set, 'acme.v1.N');
    if ('problems' in compiled) throw new Error('it does not compile');
    const [binding] = compiled.bindings;
    if (binding === undefined) throw new Error('nothing is bound');
    const check = (value: Parameters<typeof encoded>[1]) => {
      const data = Buffer.from(encoded(type, value)).toString('latin1');
      const message: Value = {
        kind: 'message',
        data,
        bytes: data.length,
        type: 'type.googleapis.com/acme.v1.N',
      };
      return compiled.check(binding, message).map(({ subject, rule }) => `${subject} ${rule}`.trim());
    };
    expect(check({ s: 'aa', byName: { 'a.b': { n: 0 } } })).toEqual(['by_name["a.b"].n int32.gt']);
    expect(check({ s: `${'a'.repeat(50_000)}b` })).toEqual(['s string.pattern']);
    expect(check({ s: 'a', list: ['x', 'y', 'x'] })).toEqual(['list repeated.unique']);
    expect(check({ s: 'a', list: Array.from({ length: 20_000 }, (_, n) => String(n)) })).toEqual([]);
  }, 60_000);
});

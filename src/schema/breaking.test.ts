/**
 * Goal: the next version of a schema is refused exactly where buf would refuse it at the level WIRE_JSON, with buf's own names of rules,
 * and what passes goes on reading what is stored. Method: a table of changes; `buf breaking` itself judges all of
 * them in one run; each is then registered over a stored value.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import type { DescMessage, JsonValue } from '@bufbuild/protobuf';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProtos, buf, encoded, messageOf } from '../../test/support/schemas.ts';
import type { RegisterSchema, SchemaVersion } from '../state/schemas/schema.ts';
import { entryOf } from '../state/values/value.ts';
import type { Entry } from '../state/values/value.ts';
import { emptyRoot } from '../trie/node.ts';
import { Transaction } from '../trie/transaction.ts';
import { breakingChanges } from './breaking.ts';
import { SchemaCompiler } from './compile.ts';
import { SchemaJudge } from './judge.ts';

interface Change {
  readonly name: string;
  /** Members of the bound message, and what stands beside it behind `---`. */
  readonly before: string;
  readonly after: string;
  /** Empty: it is compatible. */
  readonly rules: readonly string[];
  /** What is stored. */
  readonly stored?: JsonValue;
  readonly syntax?: 'proto2';
  readonly edition?: '2023';
}

const gone = ['FIELD_NO_DELETE_UNLESS_NAME_RESERVED', 'FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED'];
const valueGone = [
  'ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED',
  'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED',
];
const type = ['FIELD_WIRE_JSON_COMPATIBLE_TYPE'];
const cardinality = ['FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY'];
const kinds = 'enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; }';
const fewer = 'enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1;';

const changes: readonly Change[] = [
  { name: 'nothing', before: 'string a = 1;', after: 'string a = 1;', rules: [], stored: { a: 'x' } },
  {
    name: 'a new field',
    before: 'string a = 1;',
    after: 'string a = 1; int32 b = 2;',
    rules: [],
    stored: { a: 'x' },
  },
  {
    name: 'a field gone',
    before: 'string a = 1; int32 b = 2;',
    after: 'string a = 1;',
    rules: gone,
    stored: { b: 1 },
  },
  {
    name: 'a field gone, its number reserved',
    before: 'string a = 1; int32 b = 2;',
    after: 'reserved 2; string a = 1;',
    rules: ['FIELD_NO_DELETE_UNLESS_NAME_RESERVED'],
  },
  {
    name: 'a field gone, its name reserved',
    before: 'string a = 1; int32 b = 2;',
    after: 'reserved "b"; string a = 1;',
    rules: ['FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED'],
  },
  {
    name: 'a field gone, both reserved',
    before: 'string a = 1; int32 b = 2;',
    after: 'reserved 2 to 4; reserved "b"; string a = 1;',
    rules: [],
    stored: { a: 'x', b: 1 },
  },
  {
    name: 'another name',
    before: 'string a = 1;',
    after: 'string z = 1;',
    rules: ['FIELD_SAME_JSON_NAME', 'FIELD_SAME_NAME'],
    stored: { a: 'x' },
  },
  {
    name: 'another JSON name',
    before: 'string a = 1;',
    after: 'string a = 1 [json_name = "z"];',
    rules: ['FIELD_SAME_JSON_NAME'],
  },
  {
    name: 'a text that becomes a number',
    before: 'string a = 1;',
    after: 'int32 a = 1;',
    rules: type,
    stored: { a: 'x' },
  },
  {
    name: 'messages that are delimited in another way',
    before: 'repeated P a = 1 [features.message_encoding = DELIMITED]; --- message P { int64 n = 1; }',
    after: 'repeated P a = 1; --- message P { int64 n = 1; }',
    rules: type,
    stored: { a: [{ n: '5' }] },
    edition: '2023',
  },
  {
    name: 'a message that stays delimited',
    before: 'P a = 1 [features.message_encoding = DELIMITED]; --- message P { int64 n = 1; }',
    after: 'P a = 1 [features.message_encoding = DELIMITED]; int32 b = 2; --- message P { int64 n = 1; }',
    rules: [],
    stored: { a: { n: '5' } },
    edition: '2023',
  },
  { name: 'a text that becomes bytes', before: 'string a = 1;', after: 'bytes a = 1;', rules: type },
  {
    name: 'int32 that becomes uint32',
    before: 'int32 a = 1;',
    after: 'uint32 a = 1;',
    rules: [],
    stored: { a: 3 },
  },
  {
    name: 'int32 that becomes int64',
    before: 'int32 a = 1;',
    after: 'int64 a = 1;',
    rules: type,
    stored: { a: 3 },
  },
  {
    name: 'int32 that becomes sint32',
    before: 'int32 a = 1;',
    after: 'sint32 a = 1;',
    rules: type,
    stored: { a: 3 },
  },
  {
    name: 'fixed64 that becomes sfixed64',
    before: 'fixed64 a = 1;',
    after: 'sfixed64 a = 1;',
    rules: [],
    stored: { a: '3' },
  },
  { name: 'float that becomes double', before: 'float a = 1;', after: 'double a = 1;', rules: type },
  { name: 'bool that becomes int32', before: 'bool a = 1;', after: 'int32 a = 1;', rules: type },
  {
    name: 'one that becomes many',
    before: 'string a = 1;',
    after: 'repeated string a = 1;',
    rules: cardinality,
    stored: { a: 'x' },
  },
  {
    name: 'many that become one',
    before: 'repeated string a = 1;',
    after: 'string a = 1;',
    rules: cardinality,
  },
  {
    name: 'one that may be absent',
    before: 'string a = 1;',
    after: 'optional string a = 1;',
    rules: [],
    stored: { a: 'x' },
  },
  {
    name: 'a list of pairs that becomes a map',
    before: 'repeated P a = 1; --- message P { string key = 1; string value = 2; }',
    after: 'map<string, string> a = 1; --- message P { string key = 1; string value = 2; }',
    rules: [...cardinality, ...type],
  },
  {
    name: 'a field that goes into a oneof',
    before: 'string a = 1;',
    after: 'oneof x { string a = 1; }',
    rules: ['FIELD_SAME_ONEOF'],
  },
  {
    name: 'a oneof with one more',
    before: 'oneof x { string a = 1; }',
    after: 'oneof x { string a = 1; int32 b = 2; }',
    rules: [],
    stored: { a: 'x' },
  },
  {
    name: 'another message',
    before: 'P a = 1; --- message P { string s = 1; } message Q { string s = 1; }',
    after: 'Q a = 1; --- message P { string s = 1; } message Q { string s = 1; }',
    rules: type,
    stored: { a: { s: 'x' } },
  },
  {
    name: 'a change in a message in it',
    before: 'repeated P a = 1; --- message P { string s = 1; }',
    after: 'repeated P a = 1; --- message P { int32 s = 1; }',
    rules: type,
    stored: { a: [{ s: 'x' }] },
  },
  {
    name: 'a new value of an enum',
    before: `Kind a = 1; --- ${fewer} }`,
    after: `Kind a = 1; --- ${kinds}`,
    rules: [],
    stored: { a: 'KIND_A' },
  },
  {
    name: 'a value gone from an enum',
    before: `Kind a = 1; --- ${kinds}`,
    after: `Kind a = 1; --- ${fewer} }`,
    rules: valueGone,
  },
  {
    name: 'a value gone from an enum, both reserved',
    before: `Kind a = 1; --- ${kinds}`,
    after: `Kind a = 1; --- ${fewer} reserved 2; reserved "KIND_B"; }`,
    rules: [],
    stored: { a: 'KIND_A' },
  },
  {
    name: 'another name of a value of an enum',
    before: `Kind a = 1; --- ${kinds}`,
    after: `Kind a = 1; --- ${fewer} KIND_C = 2; }`,
    rules: ['ENUM_VALUE_SAME_NAME'],
  },
  {
    name: 'a number that is not reserved any more',
    before: 'reserved 5 to 9; string a = 1;',
    after: 'reserved 5 to 8; string a = 1;',
    rules: ['RESERVED_MESSAGE_NO_DELETE'],
    stored: { a: 'x' },
  },
  {
    name: 'a name that is not reserved any more',
    before: `Kind a = 1; --- ${fewer} reserved "KIND_X"; }`,
    after: `Kind a = 1; --- ${fewer} }`,
    rules: ['RESERVED_ENUM_NO_DELETE'],
  },
  {
    name: 'a field that becomes required',
    before: 'optional string a = 1;',
    after: 'required string a = 1;',
    rules: [...cardinality, 'MESSAGE_SAME_REQUIRED_FIELDS'],
    stored: { a: 'x' },
    syntax: 'proto2',
  },
  {
    name: 'another default',
    before: 'optional string a = 1 [default = "x"];',
    after: 'optional string a = 1 [default = "y"];',
    rules: ['FIELD_SAME_DEFAULT'],
    syntax: 'proto2',
  },
  {
    name: 'a map with values that are read alike',
    before: 'map<string, int32> a = 1;',
    after: 'map<string, uint32> a = 1;',
    rules: [],
    stored: { a: { x: 1 } },
  },
  {
    name: 'a map with other values',
    before: 'map<string, string> a = 1;',
    after: 'map<string, int32> a = 1;',
    rules: type,
    stored: { a: { x: 'y' } },
  },
  {
    name: 'a map with other keys',
    before: 'map<int32, string> a = 1;',
    after: 'map<string, string> a = 1;',
    rules: type,
  },
  {
    name: 'a oneof that is called otherwise',
    before: 'oneof x { string a = 1; }',
    after: 'oneof y { string a = 1; }',
    rules: ['FIELD_SAME_ONEOF'],
  },
  {
    name: 'another enum that lacks a value',
    before: `Kind a = 1; --- ${fewer} } message P { enum Kind { A = 0; } }`,
    after: `P.Kind a = 1; --- ${fewer} } message P { enum Kind { A = 0; } }`,
    rules: type,
    stored: { a: 'KIND_A' },
  },
  {
    name: 'another enum of that name with all its values',
    before: `Kind a = 1; --- ${fewer} } message P { enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; } }`,
    after: `P.Kind a = 1; --- ${fewer} } message P { enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; KIND_B = 2; } }`,
    rules: [],
    stored: { a: 'KIND_A' },
  },
  {
    name: 'an enum that becomes a number',
    before: `Kind a = 1; --- ${kinds}`,
    after: `int32 a = 1; --- ${kinds}`,
    rules: type,
  },
];

const packageOf = (index: number): string => `c${index + 1}.v1`;
const fileOf = (index: number): string => `c${index + 1}/v1/c.proto`;

function files(side: 'before' | 'after'): Record<string, string> {
  return Object.fromEntries(
    changes.map((change, index) => {
      const [members = '', beside = ''] = change[side].split('---');
      const text = `${change.edition === undefined ? 'syntax' : 'edition'} = "${change.edition ?? change.syntax ?? 'proto3'}";
package ${packageOf(index)};
import "hyperloom/v1/node_options.proto";
message Top { option (hyperloom.v1.node).path = "/c${index + 1}/{x}"; ${members} }
${beside}`;
      return [fileOf(index), text];
    }),
  );
}

let sets: Readonly<Record<'before' | 'after', Uint8Array>>;
/** What buf says of each file. */
const buffed = new Map<string, Set<string>>();

beforeAll(() => {
  sets = { before: buildProtos(files('before')), after: buildProtos(files('after')) };
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-breaking-'));
  try {
    const paths = { before: join(folder, 'before.binpb'), after: join(folder, 'after.binpb') };
    writeFileSync(paths.before, sets.before);
    writeFileSync(paths.after, sets.after);
    const config = JSON.stringify({ version: 'v2', breaking: { use: ['WIRE_JSON'] } });
    const told = ['--error-format', 'json'];
    const args = ['breaking', paths.after, '--against', paths.before, '--config', config, ...told];
    const ran = spawnSync(buf, args, { cwd: folder });
    for (const line of ran.stdout.toString().trim().split('\n')) {
      const { path, type: rule } = JSON.parse(line) as { readonly path: string; readonly type: string };
      buffed.set(path, (buffed.get(path) ?? new Set()).add(rule));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

function topOf(side: 'before' | 'after', index: number): DescMessage {
  return messageOf(sets[side], `${packageOf(index)}.Top`);
}

const named = changes.map((change, index) => ({ ...change, index }));

describe.each(named)('$name', ({ index, rules, stored = {} }) => {
  test('is judged as buf judges it', () => {
    const found = breakingChanges(topOf('before', index), topOf('after', index));
    expect([...new Set(found.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
    expect([...(buffed.get(fileOf(index)) ?? [])].sort()).toEqual([...rules].sort());
    for (const { subject } of found) expect(subject).toContain(packageOf(index));
  });

  test('over a stored value is refused by those names, or goes on reading it', () => {
    const [before, after] = [topOf('before', index), topOf('after', index)];
    const bytes = encoded(before, stored);
    const compiler = new SchemaCompiler();
    const judge = new SchemaJudge(compiler);
    const coming = (side: 'before' | 'after'): RegisterSchema => {
      const definition = Buffer.from(sets[side]).toString('latin1');
      const source = { name: 'c', format: 'protobuf', definition } as const;
      const compiled = compiler.coming({ ...source, bindings: [] });
      if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
      // The others would be judged as well.
      const bindings = compiled.bindings.filter(({ messageType }) => messageType === before.typeName);
      return { kind: 'register_schema', author: '', request: null, ...source, bindings };
    };
    const previous: SchemaVersion = { ...coming('before'), version: 1, revision: 1, timeMs: 0 };
    const refused = judge.schema({
      source: coming('after'),
      previous,
      migrated: null,
      root: rootWith(index, before, bytes),
    });
    expect(refused?.reason).toBe(rules.length === 0 ? undefined : 'SCHEMA_BREAKING');
    const told = new Set(refused?.violations.map(({ rule = '' }) => rule));
    expect([...told].sort()).toEqual([...rules].sort());
    if (rules.length > 0) return;
    const read = toJson(after, fromBinary(after, bytes));
    expect(toJson(before, fromBinary(before, encoded(after, read)))).toMatchObject(read as object);
  });
});

function rootWith(index: number, { typeName }: DescMessage, bytes: Uint8Array) {
  const transaction = new Transaction<Entry>(emptyRoot<Entry>(), 1);
  const data = Buffer.from(bytes).toString('latin1');
  const value = {
    kind: 'message',
    data,
    bytes: data.length,
    type: `type.googleapis.com/${typeName}`,
  } as const;
  const times = { created: 1, modified: 1, assigned: 1, version: 1 };
  transaction.update([`c${index + 1}`, 'x'], () => entryOf(value, times, ''));
  return transaction.commit();
}

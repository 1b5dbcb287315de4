/**
 * Goal: what is examined before a schema or a strict rule comes is looked at again only where it has changed since, and nothing that
 * does not fit slips through in between. Method: the judge alone, on trunks of the state machine.
 */
import { describe, expect, test } from 'vitest';
import { put, remove } from '../../test/support/forests.ts';
import { common, Machine } from '../../test/support/machine.ts';
import { schemaProblemsMax } from '../base/limits.ts';
import { SchemaTable } from '../state/schemas/schema-table.ts';
import type { RegisterSchema, SetUnboundPaths } from '../state/schemas/schema.ts';
import { SchemaCompiler } from './compile.ts';
import { SchemaJudge } from './judge.ts';

const numbers: RegisterSchema = {
  kind: 'register_schema',
  name: 'numbers',
  format: 'json_schema',
  definition: '{"type":"integer"}',
  bindings: [{ template: { segments: ['numbers', '{n}'] }, messageType: '' }],
  ...common,
};
const strict: SetUnboundPaths = { kind: 'set_unbound_paths', refused: true, ...common };

/** A trunk with texts at some paths, and how many steps a look at it takes. */
class Trunk {
  readonly machine = new Machine();
  readonly judge = new SchemaJudge(new SchemaCompiler());
  readonly schemas = new SchemaTable();

  put(...paths: readonly string[]): void {
    this.machine.publish(paths.map((path) => put(path, 'x')));
  }

  remove(...paths: readonly string[]): void {
    this.machine.publish(paths.map(remove));
  }

  examine(what: 'schema' | 'strict'): number {
    const { root } = this.machine.state;
    const steps =
      what === 'schema'
        ? this.judge.examine(numbers, root)
        : this.judge.examineStrictness(strict, this.schemas, root);
    return [...steps].length;
  }

  /** The paths that are in the way. */
  refused(what: 'schema' | 'strict'): readonly string[] {
    const { root } = this.machine.state;
    const coming = { source: numbers, previous: undefined, root, migrated: null };
    const refusal =
      what === 'schema' ? this.judge.schema(coming) : this.judge.strictness(strict, this.schemas, root);
    return (refusal?.violations ?? []).map(({ field }) => field).sort();
  }
}

const many = Array.from({ length: schemaProblemsMax + 20 }, (_, index) => `/numbers/n${index + 100}`);

describe.each(['schema', 'strict'] as const)('an examination for: %s', (what) => {
  test('is not needed', () => {
    const trunk = new Trunk();
    trunk.put('/numbers/a');
    expect(trunk.refused(what)).toEqual(['/numbers/a']);
  });

  test('is believed where nothing has changed, and made good where something has', () => {
    const trunk = new Trunk();
    trunk.put('/numbers/a', '/numbers/b');
    trunk.examine(what);
    expect(trunk.refused(what)).toEqual(['/numbers/a', '/numbers/b']);
    trunk.remove('/numbers/a');
    trunk.put('/numbers/b', '/numbers/c');
    expect(trunk.refused(what)).toEqual(['/numbers/b', '/numbers/c']);
    trunk.remove('/numbers');
    expect(trunk.refused(what)).toEqual([]);
  });

  test('that ended early is not taken for a whole one', () => {
    const trunk = new Trunk();
    trunk.put(...many);
    trunk.examine(what);
    trunk.remove(...many.slice(0, schemaProblemsMax));
    expect(trunk.refused(what)).toEqual(many.slice(schemaProblemsMax));
  });

  test('pauses on the way', () => {
    const trunk = new Trunk();
    trunk.machine.publish(
      Array.from({ length: 1_000 }, (_, index) => put(`/numbers/n${index}`, '1', 'json')),
    );
    if (what === 'strict') {
      const { name, format, definition, bindings } = numbers;
      trunk.schemas.add({
        name,
        format,
        definition,
        bindings,
        version: 1,
        revision: 1,
        author: '',
        timeMs: 0,
      });
    }
    expect(trunk.examine(what)).toBeGreaterThan(3);
    expect(trunk.refused(what)).toEqual([]);
  });
});

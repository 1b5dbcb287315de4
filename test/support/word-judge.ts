/**
 * A judge with a rule that can be checked by eye: a schema's definition is a word that no value at its paths may contain. For tests
 * of everything around the judge.
 */
import { touchedBy } from '../../src/schema/touched.ts';
import { objection, storedViolationOf, unbound, violated } from '../../src/schema/verdict.ts';
import type {
  ChangedValues,
  ComingSchema,
  LiveJudge,
  StagedValues,
  ValueProblem,
} from '../../src/state/schemas/judge.ts';
import type { FieldViolation, Rejection } from '../../src/state/outcome.ts';
import { parseTemplate, templatePattern } from '../../src/state/schemas/path-template.ts';
import type { RegisterSchema } from '../../src/state/schemas/schema.ts';
import type { Bound } from '../../src/state/schemas/schema-table.ts';
import { find } from '../../src/trie/lookup.ts';
import { formatPath } from '../../src/trie/path.ts';
import { walkMatching } from '../../src/trie/walk-matching.ts';

const rule = 'word';

export class WordJudge implements LiveJudge {
  /** How often it was asked. */
  asked = 0;

  values(changed: ChangedValues): Rejection | null {
    this.asked += 1;
    const violations: FieldViolation[] = [];
    let first: { readonly path: string; readonly bound: Bound } | null = null;
    for (const { path, field, bound } of unfit(changed)) {
      if (bound === null) return unbound(path, path);
      first ??= { path, bound };
      violations.push(storedViolationOf({ rule, subject: field, message: 'a word is not allowed' }, path));
    }
    return first === null ? null : violated(first.path, first.bound, violations);
  }

  schema({ source, root, previous, migrated }: ComingSchema): Rejection | null {
    this.asked += 1;
    const violations: FieldViolation[] = [];
    // Of words that begin with "new" no value may be left as it was.
    const isBreaking = previous !== undefined && source.definition.startsWith('new');
    for (const { template } of source.bindings) {
      for (const { path, node } of walkMatching(root, [templatePattern(template)])) {
        if (node.entry === null) continue;
        if (isBreaking && node.entry.modified !== migrated?.stamp)
          return objection('SCHEMA_BREAKING', 'it is as it was', { schema: source.name }, [
            { field: formatPath(path), description: 'is as it was' },
          ]);
        if (!node.entry.data.includes(source.definition)) continue;
        violations.push(storedViolationOf({ rule, subject: '', message: 'is stored' }, formatPath(path)));
      }
    }
    if (violations.length === 0) return null;
    return objection('SCHEMA_STORED', 'what is stored does not fit', { schema: source.name }, violations);
  }

  strictness(): Rejection | null {
    this.asked += 1;
    return null;
  }

  *examine(): Generator<void, void> {
    yield;
  }

  *examineStrictness(): Generator<void, void> {
    yield;
  }

  *staged(staged: StagedValues): Generator<void, readonly ValueProblem[]> {
    yield;
    const changed = { ...staged, told: 'nodes', isTrunk: false } as const;
    return [...unfit(changed)].map(({ segments, field }) => ({ path: segments, field, rule, message: '' }));
  }

  *restored(): Generator<void, Rejection | null> {
    yield;
    return null;
  }
}

function* unfit(changed: ChangedValues) {
  for (const [path, { path: segments }] of touchedBy(changed)) {
    const entry = find(changed.after, segments)?.entry ?? null;
    if (entry === null) continue;
    const bound = changed.schemas.find(segments);
    if (bound === null || entry.data.includes(bound.schema.definition))
      yield { path, segments, field: '', bound };
  }
}

/** Registers that no value at these paths may contain a word. */
export function forbid(word: string, path: string, name = 'words'): RegisterSchema {
  const template = parseTemplate(path);
  if ('problem' in template) throw new Error(template.problem);
  const bindings = [{ template, messageType: '' }];
  const source = { name, format: 'json_schema', definition: word, bindings } as const;
  return { kind: 'register_schema', ...source, author: 'owner', request: null };
}

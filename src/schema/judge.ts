/**
 * The judge of a broker that is at work: it asks the compiled schemas. What it says of a value depends on the versions of the
 * libraries behind them, which is why its refusals are journaled and never asked for again (`docs/decisions/0008-typed-state.md`).
 */
import { schemaProblemsMax } from '../base/limits.ts';
import type { Operation } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type {
  ChangedValues,
  ComingSchema,
  LiveJudge,
  Migrated,
  StagedValues,
  ValueProblem,
} from '../state/schemas/judge.ts';
import type { FieldViolation, Rejection } from '../state/outcome.ts';
import { templatePattern } from '../state/schemas/path-template.ts';
import type { SchemaSource, SchemaVersion, SetUnboundPaths } from '../state/schemas/schema.ts';
import type { Bound, SchemaTable } from '../state/schemas/schema-table.ts';
import type { Value } from '../state/values/value.ts';
import { diff } from '../trie/diff.ts';
import { walk } from '../trie/iterate.ts';
import { find } from '../trie/lookup.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { matches } from '../trie/pattern.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import type { SchemaCompiler } from './compile.ts';
import type { CompiledSchema, Problem } from './compiled.ts';
import { droppedBindings, incompatibilities, unmigrated } from './evolution.ts';
import { boundBelow, changedPaths, touchedBy } from './touched.ts';
import {
  invalidSchema,
  objection,
  storedViolationOf,
  unbound,
  unusable,
  violated,
  violationOf,
} from './verdict.ts';

/** What an examination of the trunk found. */
interface Examined {
  /** The trunk as it was. */
  readonly root: Root;
  /** The paths of what does not fit. */
  readonly unfit: readonly Path[];
}

/** Nodes between two pauses of an examination: some 2 ms. */
const nodesPerStep = 128;

export class SchemaJudge implements LiveJudge {
  readonly #compiler: SchemaCompiler;
  readonly #examined = new WeakMap<SchemaSource, Examined>();
  readonly #unbound = new WeakMap<SetUnboundPaths, Examined>();

  constructor(compiler: SchemaCompiler) {
    this.#compiler = compiler;
  }

  values(changed: ChangedValues): Rejection | null {
    const single = singlePut(changed.operations);
    if (single !== null) return this.#put(changed, single);
    const violations: FieldViolation[] = [];
    let first: { readonly path: string; readonly bound: Bound } | null = null;
    for (const [path, { path: segments, index, operation }] of touchedBy(changed)) {
      const entry = find(changed.after, segments)?.entry ?? null;
      if (entry === null) continue;
      const bound = changed.schemas.find(segments);
      const place = changed.told === 'nodes' ? path : `operations[${index}].${verbOf(operation)}.value`;
      if (bound === null) return unbound(path, changed.told === 'nodes' ? path : `operations[${index}].path`);
      const problems = this.#check(bound, entry);
      if ('reason' in problems) return problems;
      if (problems.length === 0) continue;
      first ??= { path, bound };
      for (const problem of problems) {
        if (changed.told === 'nodes') violations.push(storedViolationOf(problem, path));
        else if (operation.kind === 'copy') violations.push(violationOf(withPath(problem, path), place));
        else violations.push(violationOf(problem, place));
      }
      if (violations.length >= schemaProblemsMax) break;
    }
    return first === null ? null : violated(first.path, first.bound, violations);
  }

  /** The usual diff: there is no need to look into the tree. */
  #put({ schemas, told }: ChangedValues, { path, value }: Put): Rejection | null {
    const bound = schemas.find(path);
    const text = (): string => formatPath(path);
    if (bound === null)
      return schemas.isStrict ? unbound(text(), told === 'nodes' ? text() : 'operations[0].path') : null;
    const problems = this.#check(bound, value);
    if ('reason' in problems) return problems;
    if (problems.length === 0) return null;
    const violations = problems.map((problem) =>
      told === 'nodes' ? storedViolationOf(problem, text()) : violationOf(problem, 'operations[0].put.value'),
    );
    return violated(text(), bound, violations);
  }

  schema({ source, previous, root, migrated }: ComingSchema): Rejection | null {
    const coming = this.#compiler.coming(source);
    if ('problems' in coming) return invalidSchema(coming, 'definition');
    return this.#evolution(coming, source, previous, root, migrated) ?? this.#stored(source, coming, root);
  }

  *examine(source: SchemaSource, root: Root): Generator<void, void> {
    const coming = this.#compiler.coming(source);
    if ('problems' in coming) return;
    const unfit: Path[] = [];
    let seen = 0;
    for (const { path, problems } of unfitIn(coming, root)) {
      seen += 1;
      if (problems.length > 0) unfit.push(path);
      if (unfit.length >= schemaProblemsMax) break;
      if (seen % nodesPerStep === 0) yield;
    }
    this.#examined.set(source, { root, unfit });
  }

  *examineStrictness(command: SetUnboundPaths, schemas: SchemaTable, root: Root): Generator<void, void> {
    const unfit: Path[] = [];
    for (const path of unboundIn(schemas, root)) {
      if (path === null) yield;
      else unfit.push(path);
      if (unfit.length >= schemaProblemsMax) break;
    }
    this.#unbound.set(command, { root, unfit });
  }

  strictness(command: SetUnboundPaths, schemas: SchemaTable, root: Root): Rejection | null {
    const unbound: Path[] = [];
    for (const path of this.#unboundNow(command, schemas, root)) {
      unbound.push(path);
      if (unbound.length >= schemaProblemsMax) break;
    }
    return notStrict(unbound);
  }

  /**
   * What was examined beforehand and is still there is not looked at again. A path that holds something stays bound: no version
   * of a schema gives up paths with values.
   */
  *#unboundNow(command: SetUnboundPaths, schemas: SchemaTable, root: Root): Generator<Path> {
    const examined = this.#unbound.get(command);
    if (examined === undefined || examined.unfit.length >= schemaProblemsMax) {
      for (const path of unboundIn(schemas, root)) if (path !== null) yield path;
      return;
    }
    const isUnbound = (path: Path): boolean =>
      schemas.find(path) === null && (find(root, path)?.entry ?? null) !== null;
    for (const path of examined.unfit) if (isUnbound(path)) yield path;
    if (examined.root === root) return;
    const told = new Set(examined.unfit.map(formatPath));
    for (const { path } of diff(examined.root, root, { within: [] }))
      if (isUnbound(path) && !told.has(formatPath(path))) yield path;
  }

  *staged(staged: StagedValues): Generator<void, readonly ValueProblem[]> {
    const changed = { ...staged, told: 'nodes', isTrunk: false } as const;
    const problems: ValueProblem[] = [];
    const unfit = new Set<string>();
    let seen = 0;
    for (const operation of staged.operations) {
      for (const path of changedPaths(changed, operation)) {
        seen += 1;
        if (seen % nodesPerStep === 0) yield;
        const found = this.#problemsAt(staged, path);
        if (found.length === 0 || unfit.has(formatPath(path))) continue;
        unfit.add(formatPath(path));
        problems.push(...found);
        if (problems.length >= schemaProblemsMax) return problems.slice(0, schemaProblemsMax);
      }
    }
    return problems;
  }

  #problemsAt({ schemas, after }: StagedValues, path: Path): ValueProblem[] {
    const entry = find(after, path)?.entry ?? null;
    if (entry === null) return [];
    const bound = schemas.find(path);
    if (bound === null) return [{ path, field: '', rule: '', message: 'no schema is about this path' }];
    const problems = this.#check(bound, entry);
    if ('reason' in problems) return [{ path, field: '', rule: '', message: problems.message }];
    return problems.map(({ rule, subject, message }) => ({ path, field: subject, rule, message }));
  }

  *restored(schemas: SchemaTable, root: Root): Generator<void, Rejection | null> {
    const violations: FieldViolation[] = [];
    let seen = 0;
    for (const path of boundBelow(schemas, root, [])) {
      seen += 1;
      if (seen % nodesPerStep === 0) yield;
      const entry = find(root, path)?.entry ?? null;
      const bound = schemas.find(path);
      if (entry === null || bound === null) continue;
      const problems = this.#check(bound, entry);
      if ('reason' in problems) return problems;
      for (const problem of problems) violations.push(storedViolationOf(problem, formatPath(path)));
      if (violations.length >= schemaProblemsMax) break;
    }
    if (violations.length > 0)
      return objection('SCHEMA_STORED', 'the backup holds what its own schemas refuse', {}, violations);
    if (!schemas.isStrict) return null;
    const unbound: Path[] = [];
    for (const path of unboundIn(schemas, root)) {
      if (path === null) yield;
      else unbound.push(path);
      if (unbound.length >= schemaProblemsMax) break;
    }
    return notStrict(unbound);
  }

  /** Whether clients and values of the version before get along with the coming one. */
  #evolution(
    coming: CompiledSchema,
    { name, bindings }: SchemaSource,
    previous: SchemaVersion | undefined,
    root: Root,
    migrated: Migrated | null,
  ): Rejection | null {
    if (previous === undefined) return null;
    const problems = [...droppedBindings(previous, bindings, root)];
    const before = this.#compiler.known(previous);
    if (!('problems' in before)) {
      const found = incompatibilities(before, previous.bindings, coming, bindings);
      if (migrated === null) for (const { problem } of found) problems.push(problem);
      else problems.push(...unmigrated(found, migrated, root));
    }
    if (problems.length === 0) return null;
    const violations = problems.map((problem) => violationOf(problem, ''));
    const what = `it does not get along with version ${previous.version} of the schema ${name}`;
    return objection('SCHEMA_BREAKING', what, { schema: name, version: previous.version }, violations);
  }

  /** Whether what is stored fits. What was examined beforehand and is still there is not looked at again. */
  #stored(source: SchemaSource, coming: CompiledSchema, root: Root): Rejection | null {
    const violations: FieldViolation[] = [];
    for (const { path, problems } of this.#suspects(source, coming, root)) {
      for (const problem of problems) violations.push(storedViolationOf(problem, formatPath(path)));
      if (violations.length >= schemaProblemsMax) break;
    }
    if (violations.length === 0) return null;
    const { name } = source;
    return objection(
      'SCHEMA_STORED',
      `stored values do not fit the schema ${name}`,
      { schema: name },
      violations,
    );
  }

  *#suspects(source: SchemaSource, coming: CompiledSchema, root: Root): Generator<Unfit> {
    const examined = this.#examined.get(source);
    // An examination that has found too much is none of what lies behind: all that it has found may be right by now.
    if (examined === undefined || examined.unfit.length >= schemaProblemsMax) {
      yield* unfitIn(coming, root);
      return;
    }
    for (const path of examined.unfit) yield* unfitAt(coming, root, path);
    if (examined.root === root) return;
    const told = new Set(examined.unfit.map(formatPath));
    for (const { path } of diff(examined.root, root, { within: [] }))
      if (!told.has(formatPath(path))) yield* unfitAt(coming, root, path);
  }

  /** What is wrong with a value; or why that cannot be told. */
  #check({ schema, binding }: Bound, value: Value): readonly Problem[] | Rejection {
    const compiled = this.#compiler.known(schema);
    return 'problems' in compiled ? unusable(schema, compiled) : compiled.check(binding, value);
  }
}

/** Paths of no schema that hold something; `null` where there is time for a pause. */
function* unboundIn(schemas: SchemaTable, root: Root): Generator<Path | null> {
  let seen = 0;
  for (const { path, node } of walk(root, { within: [] })) {
    seen += 1;
    if (seen % nodesPerStep === 0) yield null;
    if (node.entry !== null && schemas.find(path) === null) yield path;
  }
}

function notStrict(unbound: readonly Path[]): Rejection | null {
  if (unbound.length === 0) return null;
  const violations = unbound.map((path) => ({
    field: formatPath(path),
    description: 'no schema is about this path',
  }));
  return objection('SCHEMA_STORED', 'the forest cannot be strict as it is', {}, violations);
}

type Put = Extract<Operation, { kind: 'put' }>;

function singlePut(operations: Iterable<Operation>): Put | null {
  if (!Array.isArray(operations) || operations.length !== 1) return null;
  const [operation] = operations as readonly Operation[];
  return operation?.kind === 'put' ? operation : null;
}

/** What an operation is called in a request. */
function verbOf({ kind }: Operation): string {
  return kind.split('_', 1)[0] ?? kind;
}

function withPath(problem: Problem, path: string): Problem {
  return { ...problem, message: `${path}: ${problem.message}` };
}

interface Unfit {
  readonly path: Path;
  readonly problems: readonly Problem[];
}

/** Every value that a schema is about, with what is wrong with it. */
function* unfitIn(coming: CompiledSchema, root: Root): Generator<Unfit> {
  for (const binding of coming.bindings) {
    for (const { path, node } of walkMatching(root, [templatePattern(binding.template)]))
      if (node.entry !== null) yield { path, problems: coming.check(binding, node.entry) };
  }
}

function* unfitAt(coming: CompiledSchema, root: Root, path: Path): Generator<Unfit> {
  const binding = coming.bindings.find(({ template }) => matches(templatePattern(template), path));
  const entry = find(root, path)?.entry ?? null;
  if (binding !== undefined && entry !== null) yield { path, problems: coming.check(binding, entry) };
}

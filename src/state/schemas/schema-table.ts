/** The schemas of a forest. The list of versions and rules is the state; all else here follows from it. */
import type { Path } from '../../trie/path.ts';
import { isVariable } from './path-template.ts';
import type { SchemaBinding, SchemaSource, SchemaVersion, UnboundRule } from './schema.ts';

/** What a path is bound to. */
export interface Bound {
  readonly schema: SchemaVersion;
  readonly binding: SchemaBinding;
}

/** What paths are bound to. */
export interface Bindings {
  find(path: Path): Bound | null;
}

/** Beginnings of templates. */
interface Place {
  readonly literals: Map<string, Place>;
  variable: Place | null;
  bound: Bound | null;
}

export class SchemaTable {
  /** In the order of their registrations. */
  readonly #versions: SchemaVersion[] = [];
  readonly #newest = new Map<string, SchemaVersion>();
  readonly #rules: UnboundRule[] = [];
  #bytes = 0;
  /** Tables with a version to come, as long as this one stays as it is. */
  #coming = new WeakMap<SchemaSource, SchemaTable>();
  #places = newPlace();
  #bound: readonly Bound[] = [];
  /** The bindings that were asked for last of those that are not in force any more. */
  #past: { readonly versions: number; readonly bindings: Bindings } | null = null;

  /** All versions, in the order of their registrations. */
  get versions(): readonly SchemaVersion[] {
    return this.#versions;
  }

  /** Changes of what becomes of values at paths of no schema, oldest first. */
  get rules(): readonly UnboundRule[] {
    return this.#rules;
  }

  /** Bytes of all definitions. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bindings in force. */
  get bound(): readonly Bound[] {
    return this.#bound;
  }

  /** Values at paths of no schema are refused. */
  get isStrict(): boolean {
    return this.#rules.at(-1)?.refused ?? false;
  }

  /** Nothing is to be checked anywhere. */
  get isIdle(): boolean {
    return this.#bound.length === 0 && !this.isStrict;
  }

  /** The newest version of a schema. */
  newest(name: string): SchemaVersion | undefined {
    return this.#newest.get(name);
  }

  /** What a path is bound to. */
  find(path: Path): Bound | null {
    return findFrom(this.#places, path, 0);
  }

  /** What paths were bound to as of a revision. */
  asOf(revision: number): Bindings {
    const versions = this.#versions.findLastIndex((each) => each.revision <= revision) + 1;
    if (versions === this.#versions.length) return this;
    if (this.#past?.versions !== versions) {
      const places = newPlace();
      for (const schema of this.listAt(revision))
        for (const binding of schema.bindings) bind(places, { schema, binding });
      this.#past = { versions, bindings: { find: (path) => findFrom(places, path, 0) } };
    }
    return this.#past.bindings;
  }

  /** A version that was registered up to a revision; 0: the newest of them. */
  at(name: string, version: number, revision: number): SchemaVersion | undefined {
    return this.#versions.findLast(
      (each) =>
        each.name === name && each.revision <= revision && (version === 0 || each.version === version),
    );
  }

  /** The newest versions as of a revision, by name. */
  listAt(revision: number): SchemaVersion[] {
    const found = new Map<string, SchemaVersion>();
    for (const each of this.#versions) if (each.revision <= revision) found.set(each.name, each);
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether the forest was strict as of a revision. */
  isStrictAt(revision: number): boolean {
    return this.#rules.findLast((rule) => rule.revision <= revision)?.refused ?? false;
  }

  /** The schemas as they will be with a version to come: the newest of each. */
  with(coming: SchemaSource): SchemaTable {
    const known = this.#coming.get(coming);
    if (known !== undefined) return known;
    const table = new SchemaTable();
    for (const schema of this.#newest.values()) table.#newest.set(schema.name, schema);
    const { name, format, definition, bindings } = coming;
    const version = (this.newest(name)?.version ?? 0) + 1;
    const unregistered = { revision: 0, author: '', timeMs: 0 };
    table.#newest.set(name, { name, version, format, definition, bindings, ...unregistered });
    table.#rules.push(...this.#rules);
    table.#bindAll();
    this.#coming.set(coming, table);
    return table;
  }

  /** Adds a version, which replaces the one before. */
  add(version: SchemaVersion): void {
    this.#versions.push(version);
    this.#newest.set(version.name, version);
    this.#bytes += version.definition.length;
    this.#coming = new WeakMap();
    this.#bindAll();
  }

  /** Makes what follows from the newest versions. */
  #bindAll(): void {
    this.#bound = [...this.#newest.values()].flatMap((schema) =>
      schema.bindings.map((binding) => ({ schema, binding })),
    );
    this.#places = newPlace();
    for (const bound of this.#bound) bind(this.#places, bound);
  }

  /** From a revision on, values at paths of no schema are refused, or not. */
  setUnbound(rule: UnboundRule): void {
    this.#rules.push(rule);
    this.#coming = new WeakMap();
  }
}

function newPlace(): Place {
  return { literals: new Map(), variable: null, bound: null };
}

function bind(from: Place, bound: Bound): void {
  let place = from;
  for (const segment of bound.binding.template.segments) {
    if (isVariable(segment)) {
      place.variable ??= newPlace();
      place = place.variable;
      continue;
    }
    let next = place.literals.get(segment);
    if (next === undefined) {
      next = newPlace();
      place.literals.set(segment, next);
    }
    place = next;
  }
  place.bound = bound;
}

/** No two bindings overlap, so the first that is found is the only one. Visits each place at most once. */
function findFrom(place: Place, path: Path, depth: number): Bound | null {
  const segment = path[depth];
  if (segment === undefined) return place.bound;
  const literal = place.literals.get(segment);
  const found = literal === undefined ? null : findFrom(literal, path, depth + 1);
  return found ?? (place.variable === null ? null : findFrom(place.variable, path, depth + 1));
}

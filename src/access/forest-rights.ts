/** What a caller may do where, in one forest. Grants only add: what none of them allows is refused. */
import { anyDepth, anyOne, matches, overlapsSubtree } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import type { Path } from '../trie/path.ts';
import { permissions } from './permission.ts';
import type { Permission } from './permission.ts';

/** Patterns by permission. */
export type PatternsByPermission = Readonly<Record<Permission, readonly Pattern[]>>;

export class ForestRights {
  readonly #patterns: PatternsByPermission;
  /** Where one pattern is `/**`: no other needs to be looked at. */
  readonly #everywhere: Readonly<Record<Permission, boolean>>;

  constructor(patterns: PatternsByPermission) {
    this.#patterns = patterns;
    const everywhere: Partial<Record<Permission, boolean>> = {};
    for (const permission of permissions)
      everywhere[permission] = patterns[permission].some(({ segments }) => isEverything(segments));
    this.#everywhere = everywhere as Record<Permission, boolean>;
  }

  /** At this very path. */
  may(permission: Permission, path: Path): boolean {
    if (this.#everywhere[permission]) return true;
    for (const pattern of this.#patterns[permission]) if (matches(pattern, path)) return true;
    return false;
  }

  /** At this path and everywhere below it, whatever comes to be there. One grant has to say so by itself. */
  mayAll(permission: Permission, path: Path): boolean {
    if (this.#everywhere[permission]) return true;
    return this.#patterns[permission].some((pattern) => coversSubtree(pattern, path));
  }

  /** At this path or somewhere below it. */
  maySome(permission: Permission, path: Path): boolean {
    return this.#patterns[permission].some((pattern) => overlapsSubtree(pattern, path));
  }

  /** Of the children that a node can have, the names of those where it is allowed; `all` for whatever it is called. Costs what the grants do. */
  children(permission: Permission, path: Path): 'all' | ReadonlySet<string> {
    const names = new Set<string>();
    for (const pattern of this.#patterns[permission]) {
      if (coversSubtree(pattern, path)) return 'all';
      const { segments } = pattern;
      // What else ends with `**` matches a child where it does so without.
      const own = segments.at(-1) === anyDepth ? segments.slice(0, -1) : segments;
      const last = own.at(-1);
      if (last === undefined || !matches({ segments: own.slice(0, -1) }, path)) continue;
      if (last === anyOne) return 'all';
      names.add(last);
    }
    return names;
  }

  /** In the whole forest. */
  isEverywhere(permission: Permission): boolean {
    return this.#everywhere[permission];
  }

  /** Something, somewhere in the forest. */
  get isAny(): boolean {
    return permissions.some((permission) => this.#patterns[permission].length > 0);
  }

  /** Where it is allowed. */
  patterns(permission: Permission): readonly Pattern[] {
    return this.#patterns[permission];
  }
}

function isEverything(segments: readonly string[]): boolean {
  return segments.length === 1 && segments[0] === anyDepth;
}

/** The pattern matches `path` and all that can ever be below it. */
export function coversSubtree({ segments }: Pattern, path: Path): boolean {
  if (segments.at(-1) !== anyDepth) return false;
  const above: Pattern = { segments: segments.slice(0, -1) };
  for (let depth = path.length; depth >= 0; depth -= 1) if (matches(above, path.slice(0, depth))) return true;
  return false;
}

const nowhere: readonly Pattern[] = [];
const wherever: readonly Pattern[] = [{ segments: [anyDepth] }];

function the(patterns: readonly Pattern[]): PatternsByPermission {
  return {
    read: patterns,
    write: patterns,
    ghost: patterns,
    lock: patterns,
    approve: patterns,
    admin: patterns,
  };
}

/** Nothing at all. */
export const noRights = new ForestRights(the(nowhere));
/** Everything, everywhere. */
export const allRights = new ForestRights(the(wherever));

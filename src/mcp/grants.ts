/**
 * Which tools a caller may use. The names are told here, and not by the tools themselves, so that settings can be checked without
 * loading the protocol's SDK; a test holds both together.
 */

/** They change nothing. */
export const readingTools = [
  'read',
  'list',
  'search',
  'render_context',
  'changes_since',
  'wait_for_change',
  'show_tree',
  'diff',
  'history',
  'blame',
  'trace',
] as const;

/** They write, or keep others from writing. */
export const writingTools = [
  'publish',
  'append',
  'begin_ghost',
  'checkpoint',
  'commit',
  'revert',
  'acquire_lock',
  'release_lock',
] as const;

export type ToolName = (typeof readingTools)[number] | (typeof writingTools)[number];

/** The tools that somebody may use. What is not granted is neither listed nor called. */
export type Grants = ReadonlySet<ToolName>;

export const readingGrants: Grants = new Set(readingTools);
export const allGrants: Grants = new Set([...readingTools, ...writingTools]);

/** Reads `all`, `read-only`, or names of tools with commas between them, in any mixture. Throws `RangeError` with what is wrong. */
export function parseGrants(text: string): Grants {
  const granted = new Set<ToolName>();
  for (const word of text.split(',').map((part) => part.trim())) {
    const named = word === 'all' ? allGrants : word === 'read-only' ? readingGrants : one(word);
    for (const name of named) granted.add(name);
  }
  return granted;
}

/** Those of them that change nothing. */
export function readingOf(grants: Grants): Grants {
  return new Set(readingTools.filter((name) => grants.has(name)));
}

function one(word: string): Grants {
  for (const name of allGrants) if (name === word) return new Set([name]);
  throw new RangeError(
    `${JSON.stringify(word)} is not a tool; there are all, read-only, ${[...allGrants].join(', ')}`,
  );
}

/** Patterns over names of principals, groups, authors and forests: `*` stands for any characters, none included. */
export interface NameGlob {
  readonly text: string;
  matches(name: string): boolean;
}

/** Reads a glob. Every other character stands for itself, so `team.*` matches no `teams`. */
export function nameGlob(text: string): NameGlob {
  if (text === '*') return { text, matches: () => true };
  if (!text.includes('*')) return { text, matches: (name) => name === text };
  const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  // Runs of stars say what one says, and would make matching slow.
  const source = parts.join('*').replace(/\*+/g, '[^]*');
  const expression = new RegExp(`^${source}$`, 'u');
  return { text, matches: (name) => expression.test(name) };
}

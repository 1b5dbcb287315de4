/**
 * Regular expressions of JSON Schemas, run by RE2: in time that grows with the text and never faster, whatever the pattern. What
 * RE2 does not have, look-around and back-references, is refused when the schema comes.
 */
import { RE2JS } from '@bufbuild/re2';
import type { RegExpEngine, RegExpLike } from 'ajv/dist/types/index.js';

/** Makes one expression. Throws where the pattern is none, or none of RE2's. */
export function compilePattern(pattern: string): RegExpLike {
  return RE2JS.compile(inRe2Syntax(pattern));
}

/** As Ajv asks for it. */
export const patternEngine: RegExpEngine = Object.assign((pattern: string) => compilePattern(pattern), {
  code: 're2',
});

/** ECMAScript writes characters by number as `\u00e9` and `\u{1f9e0}`, RE2 as `\x{e9}`; and control characters as `\cA`. */
function inRe2Syntax(pattern: string): string {
  return pattern.replace(
    /\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|c([A-Za-z])|([^]))/g,
    (whole, four, braced, control) => {
      const hex = (four as string | undefined) ?? (braced as string | undefined);
      if (hex !== undefined) return `\\x{${hex}}`;
      if (typeof control !== 'string') return whole;
      return `\\x{${(control.charCodeAt(0) % 32).toString(16)}}`;
    },
  );
}

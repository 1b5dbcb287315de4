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

/**
 * ECMAScript writes characters by number as `\u00e9`, `\ud83e\udde0` and `\u{1f9e0}`, RE2 as `\x{e9}` and `\x{1f9e0}`; and control characters
 * as `\cA`.
 */
function inRe2Syntax(pattern: string): string {
  return pattern.replace(
    /\\(?:u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]+)\}|c([A-Za-z])|([^]))/g,
    (whole, ...groups: (string | undefined)[]) => {
      const [high, low, four, braced, control] = groups;
      if (control !== undefined) return `\\x{${(control.charCodeAt(0) % 32).toString(16)}}`;
      const hex = high !== undefined && low !== undefined ? joined(high, low) : (four ?? braced);
      if (hex === undefined) return whole;
      if (/^0*d[89a-f]..$/i.test(hex))
        throw new SyntaxError(`${whole} is a surrogate without its other half, which no text has`);
      return `\\x{${hex}}`;
    },
  );
}

/** The character of a surrogate pair, in hexadecimal digits. */
function joined(high: string, low: string): string {
  const units = [high, low].map((unit) => Number.parseInt(unit, 16));
  return (String.fromCharCode(...units).codePointAt(0) ?? 0).toString(16);
}

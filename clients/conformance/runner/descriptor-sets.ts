/** Compiles what scenarios give as `{$acme: …}`: once each, whichever driver is told of it. */
import { acme } from '../../../test/support/schemas.ts';

const compiled = new Map<string, string>();

/** The descriptor set of a file of the package `acme.v1` with these messages and what they import, in base64. */
export function descriptorSetOf(messages: string): string {
  const known = compiled.get(messages);
  if (known !== undefined) return known;
  const set = Buffer.from(acme(messages)).toString('base64');
  compiled.set(messages, set);
  return set;
}

/** Compiles what scenarios give as `{$acme: …}`: once each, whichever driver is told of it. */
import { readFileSync } from 'node:fs';

import { acme, buildProtos } from '../../../test/support/schemas.ts';

const compiled = new Map<string, string>();

/** The descriptor set of a file of the package `acme.v1` with these messages and what they import, in base64; `research`: of those of the drivers. */
export function descriptorSetOf(messages: string): string {
  const known = compiled.get(messages);
  if (known !== undefined) return known;
  const set = Buffer.from(messages === 'research' ? research() : acme(messages)).toString('base64');
  compiled.set(messages, set);
  return set;
}

/** The messages that typed handles of all drivers are for. */
function research(): Uint8Array {
  const file = 'acme/v1/research.proto';
  const source = new URL(`../../protoc-gen-hyperloom/testdata/${file}`, import.meta.url);
  return buildProtos({ [file]: readFileSync(source, 'utf8') });
}

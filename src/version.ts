/** The version of this package, from its `package.json`, which lies one folder up in the sources and in `dist` alike. */
import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(file) as { readonly version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

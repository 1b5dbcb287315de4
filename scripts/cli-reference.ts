/** Writes what docs/cli.md says of commands and exit codes, from the commands themselves. A test sees to it that it was done. */
import { readFileSync, writeFileSync } from 'node:fs';

import { cliReference, referenceFile } from './cli-reference/page.ts';

writeFileSync(referenceFile, await cliReference(readFileSync(referenceFile, 'utf8')));

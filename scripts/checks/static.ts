/** What can be said about the sources without running them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Step } from '../step.ts';
import { commandStep, failed, passed, root, run } from '../step.ts';

/** The API as it was last landed on main. `npm run release-api` writes it anew when a change has landed. */
export const releasedImage = 'proto/released.binpb';

const breaking: Step = {
  name: 'buf breaking',
  async run() {
    if (!existsSync(join(root, releasedImage)))
      return failed(`${releasedImage} is missing: npm run release-api`);
    const { ok } = await run('buf', ['breaking', '--against', releasedImage]);
    return ok
      ? passed
      : failed('the API would break its clients, or stored journals: make the change additive');
  },
};

/** Format, lint, types and the rules for the API. */
export const staticSteps: readonly Step[] = [
  commandStep('format', 'prettier', ['--check', '.'], 'npm run format'),
  commandStep('lint', 'oxlint', ['--type-aware'], 'npm run lint shows where'),
  commandStep('types', 'tsc', ['-p', '.'], 'npm run types shows where'),
  commandStep('buf lint', 'buf', ['lint'], 'style.md says how the API is written'),
  breaking,
];

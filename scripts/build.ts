/** Builds what the npm package holds (`npm run build`): JavaScript of the broker and the TypeScript client in `dist`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './step.ts';

rmSync(join(root, 'dist'), { recursive: true, force: true });
const { ok } = await run('tsc', ['-p', 'tsconfig.build.json']);
process.exitCode = ok ? 0 : 1;

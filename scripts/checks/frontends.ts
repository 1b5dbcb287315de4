/** The packages for Vercel's AI SDK and for AG-UI, over real brokers, with those frameworks' own models and clients. */
import { join } from 'node:path';

import type { Step } from '../step.ts';
import { checkProject, together } from './npm-project.ts';

const projects = ['vercel-ai', 'ag-ui'].map((name) => join('clients', name));

/** Types, lint and tests of both. */
export const frontendsStep: Step = {
  name: 'ai sdk and ag-ui',
  async run() {
    const results = [];
    for (const project of projects) results.push(await checkProject(project));
    return together(results);
  },
};

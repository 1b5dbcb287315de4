/** Google ADK, Pydantic AI and the Microsoft Agent Framework over real brokers: their adapters' types and tests. */
import type { Step } from '../step.ts';
import { checkAdapters } from './adapter-environment.ts';

export const pythonFrameworksStep: Step = {
  name: 'python frameworks',
  run: () => checkAdapters({ name: 'python-frameworks', tests: 'framework_tests' }),
};

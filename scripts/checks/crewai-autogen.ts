/**
 * CrewAI and AutoGen over real brokers: their adapters' types and tests. An environment each: the one wants another
 * protobuf than the other can have.
 */
import type { Step } from '../step.ts';
import { checkAdapters } from './adapter-environment.ts';

/** The two, so that each can be chosen and is seen alone. */
export const crewaiAutogenSteps: readonly Step[] = [
  { name: 'crewai', run: () => checkAdapters({ name: 'crewai', tests: 'crewai_tests' }) },
  { name: 'autogen', run: () => checkAdapters({ name: 'autogen', tests: 'autogen_tests' }) },
];

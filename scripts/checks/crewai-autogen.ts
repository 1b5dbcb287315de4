/**
 * CrewAI and AutoGen over real brokers: their adapters' types and tests. An environment each: the one wants another
 * protobuf than the other can have.
 */
import type { Step } from '../step.ts';
import { checkAdapters } from './adapter-environment.ts';

/** What CrewAI has on memories and on what flows keep; tests of other stores' insides are left there. */
const crewaiTests = {
  distribution: 'crewai',
  files: [
    'tests/memory/test_dimension_mismatch.py',
    'tests/memory/test_memory_root_scope.py',
    'tests/memory/test_storage_factory.py',
    'tests/memory/test_unified_memory.py',
    'tests/test_flow_persistence.py',
  ],
};
const autogenTests = { distribution: 'autogen-core', files: ['tests/test_memory.py'] };

/** The two, so that each can be chosen and is seen alone. */
export const crewaiAutogenSteps: readonly Step[] = [
  {
    name: 'crewai',
    run: () => checkAdapters({ name: 'crewai', tests: 'crewai_tests', upstream: crewaiTests }),
  },
  {
    name: 'autogen',
    run: () => checkAdapters({ name: 'autogen', tests: 'autogen_tests', upstream: autogenTests }),
  },
];

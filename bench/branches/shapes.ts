/**
 * The five workloads of BranchBench ("BranchBench", DAP Lab, Columbia University, 2026: agents that branch, mutate and evaluate), as
 * work on ghosts in ghosts.
 *
 * Taken from it, as its public port for MatrixOne repeats them after the paper's table 1 (github.com/matrixorigin/matrixone-branchbench-mo,
 * scripts/mo_v424_configs): the numbers below, and the loop. Workers take turns; in a step each of them branches from a live branch that
 * it draws, switches to the new one, changes it, evaluates it, and drops it with a probability or leaves it to branch from; now and then
 * all leaves are compared.
 *
 * Our own reading: a table's row is a node. A statement that goes through a table is one diff, or one read, of `nodesPerSweep` nodes, the others one of
 * a single node, and so is a change of the schema; nothing is computed of what was read. The paper never merges: what is left at the end is
 * committed here, one branch into its parent and so on up to the trunk, and the rest is reverted. The paper's databases have from
 * thousands of rows to millions; here the number of nodes is what varies.
 */

/** The numbers of a workload, under the paper's letters. */
export interface Shape {
  readonly name: string;
  /** T */
  readonly workers: number;
  /** S, of each worker. */
  readonly steps: number;
  /** F_r: live branches of the trunk. */
  readonly rootFanout: number;
  /** F_i: live branches of a branch. */
  readonly innerFanout: number;
  /** D: levels of branches below the trunk. */
  readonly depthMax: number;
  /** C: how often all leaves are compared. */
  readonly comparisons: number;
  /** M_s: changes of the schema in a step. */
  readonly schemaChanges: number;
  /** M_d: changes of the data in a step. */
  readonly dataChanges: number;
  /** Whether a change of the data goes through a table. */
  readonly isSweeping: boolean;
  /** Q_v: queries in a step. All of them go through a table. */
  readonly queries: number;
  /** γ: the probability with which a step's branch is dropped at its end. */
  readonly dropProbability: number;
}

/** Nodes that a statement touches that goes through a table. */
export const nodesPerSweep = 10;

export const shapes: readonly Shape[] = [
  {
    name: 'software-engineering',
    workers: 5,
    steps: 20,
    rootFanout: 5,
    innerFanout: 3,
    depthMax: 4,
    comparisons: 1,
    schemaChanges: 1,
    dataChanges: 1,
    isSweeping: true,
    queries: 2,
    dropProbability: 0.1,
  },
  {
    name: 'failure-reproduction',
    workers: 1,
    steps: 10,
    rootFanout: 10,
    innerFanout: 0,
    depthMax: 1,
    comparisons: 0,
    schemaChanges: 5,
    dataChanges: 45,
    isSweeping: false,
    queries: 1,
    dropProbability: 1,
  },
  {
    name: 'curation',
    workers: 10,
    steps: 20,
    rootFanout: 10,
    innerFanout: 3,
    depthMax: 3,
    comparisons: 2,
    schemaChanges: 1,
    dataChanges: 1,
    isSweeping: true,
    queries: 1,
    dropProbability: 0,
  },
  {
    name: 'tree-search',
    workers: 10,
    steps: 100,
    rootFanout: 10,
    innerFanout: 10,
    depthMax: 25,
    comparisons: 0,
    schemaChanges: 0,
    dataChanges: 1,
    isSweeping: false,
    queries: 1,
    dropProbability: 0.1,
  },
  {
    name: 'simulation',
    workers: 1_000,
    steps: 1,
    rootFanout: 1_000,
    innerFanout: 0,
    depthMax: 1,
    comparisons: 1,
    schemaChanges: 0,
    dataChanges: 50,
    isSweeping: false,
    queries: 1,
    dropProbability: 1,
  },
];

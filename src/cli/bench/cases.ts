/** What `hyperloom bench` measures: what agents do all day, one call each. */
import type { Client } from '../../../clients/typescript/src/index.ts';

/** Nodes that are written to and read, in all cases. */
const nodesMax = 1_000;

export interface BenchCase {
  readonly name: string;
  readonly about: string;
  /** One operation, the `index`-th. */
  readonly run: (client: Client, index: number, value: string) => Promise<unknown>;
}

/** In the order in which they run: reads find what the puts have written. */
export const benchCases: readonly BenchCase[] = [
  {
    name: 'put',
    about: 'set a value, durable when it is answered',
    run: (client, index, value) => client.put(pathOf(index), value),
  },
  {
    name: 'append',
    about: 'add to a list that everybody adds to',
    run: (client, index) => client.append(`/bench/list_${index % listsMax}`, [index]),
  },
  {
    name: 'get',
    about: 'read a value, linearizably',
    run: (client, index) => client.getOrUndefined(pathOf(index)),
  },
  {
    name: 'ghost',
    about: 'begin a ghost, write into it, and revert it',
    async run(client, index, value) {
      const ghost = await client.ghost({ scope: '/bench', label: 'bench' });
      await ghost.put(pathOf(index), value);
      await ghost.revert('a measurement');
    },
  },
  {
    name: 'commit',
    about: 'begin a ghost, write into it, and commit it',
    async run(client, index, value) {
      const ghost = await client.ghost({ scope: '/bench', label: 'bench' });
      await ghost.put(`/bench/committed/node_${index}`, value);
      await ghost.commit();
    },
  },
];

/** Items of a list stay few enough that a node does not grow past its limit. */
const listsMax = 100;

function pathOf(index: number): string {
  return `/bench/agent_${index % 10}/memory/note_${index % nodesMax}`;
}

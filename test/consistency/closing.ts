/** The last look at everything: it closes the history of each node, and finds what should be gone. */
import { connect } from '../../clients/typescript/src/index.ts';
import { seededRandom } from '../../src/base/random.ts';
import { LineWriter } from './record.ts';
import type { Security } from './security.ts';
import { Agent, nodesOf, tlsOf } from './workers/agent.ts';

/** Lists the whole forest at one revision, and writes that down as a call like any other. */
export async function closingList(
  address: string,
  { authority }: Security,
  forest: string,
  file: string,
): Promise<void> {
  const name = `closing-${forest}`;
  await using client = connect(address, { author: name, forest, ...tlsOf(authority) });
  const agent = new Agent(name, client, seededRandom(0), new LineWriter(file), () => false);
  await agent.call(
    { type: 'list', path: '/' },
    async () => {
      const nodes = [];
      let revision = 0;
      for await (const page of client.list('/', { depth: 0, consistency: 'linearizable' }).pages()) {
        nodes.push(...page.items);
        revision = page.revision;
      }
      return { nodes, revision };
    },
    ({ nodes, revision }) => ({ revision, nodes: nodesOf([], nodes) }),
  );
}

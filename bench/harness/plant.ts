/** Nodes for forests of any size: a node has the same path in all of them, so that the same ones can be worked on. */
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import { publishOf, putText, submitted } from './forest.ts';

const nodesPerSession = 100;
const nodesPerDiff = 1_000;

const sentence = 'Found three sources that agree; the second one cites the first. ';
/** 200 bytes, as in the other cases. */
export const noteText = sentence.repeat(4).slice(0, 200);

/** The path of a node: a hundred of them in a session, all at the same depth. */
export function pathOf(node: number): string[] {
  return [`session_${Math.floor(node / nodesPerSession)}`, `agent_${node % 5}`, 'memory', `note_${node}`];
}

/** Puts the first `nodes` nodes, a thousand in a diff. */
export async function plantNodes(forest: LiveForest, nodes: number): Promise<void> {
  for (let first = 0; first < nodes; first += nodesPerDiff) {
    const puts = Array.from({ length: Math.min(nodesPerDiff, nodes - first) }, (_, index) =>
      putText(pathOf(first + index), noteText),
    );
    await submitted(forest, publishOf(puts));
  }
}

/** Resolves once everything that was applied is on the disk. */
export async function untilDurable(forest: LiveForest): Promise<void> {
  const refused = await forest.durable(forest.appliedPosition);
  if (refused !== null) throw new Error(refused.message);
}

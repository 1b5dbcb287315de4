/** Nodes of the picture as the canvas takes them. The object is the same as long as the node is: the canvas looks at nothing else. */
import type { Node } from '@xyflow/react';
import { nodeHeight, nodeWidth, type GraphNode } from '../../model/graph.ts';
import type { Departure } from '../../session/state.ts';

export type FlowNode = Node<
  { readonly node: GraphNode; readonly leaving: Departure['kind'] | undefined },
  GraphNode['kind'] | 'departing'
>;

const size = { width: nodeWidth, height: nodeHeight };
/** The canvas would let clicks through what it cannot select or drag itself. */
const style = { pointerEvents: 'all' } as const;
const known = new WeakMap<GraphNode, FlowNode>();
const leaving = new WeakMap<Departure, FlowNode>();

export function flowNodeOf(node: GraphNode): FlowNode {
  const made = known.get(node);
  if (made !== undefined) return made;
  const { key, x, y, kind } = node;
  const data = { node, leaving: undefined };
  const fresh: FlowNode = { id: key, type: kind, position: { x, y }, data, style, ...size, measured: size };
  known.set(node, fresh);
  return fresh;
}

export function flowNodeOfDeparture(departure: Departure): FlowNode {
  const made = leaving.get(departure);
  if (made !== undefined) return made;
  const { node, kind } = departure;
  const id = `gone:${node.key}`;
  const position = { x: node.x, y: node.y };
  const data = { node, leaving: kind };
  const fresh: FlowNode = { id, type: 'departing', position, data, ...size, measured: size, zIndex: -1 };
  leaving.set(departure, fresh);
  return fresh;
}

/** What keys do in the tree. The tree is one stop of the Tab key; within it the chosen node moves. */
import type { KeyboardEvent } from 'react';
import { ghostKey, neighbour, trunkKey, type Graph, type GraphNode } from '../model/graph.ts';
import type { Route } from '../model/route.ts';
import type { TreeSession } from './use.ts';

/** How many nodes `*` opens. */
const openedMax = 5_000;

/** The key of what an address chooses. */
export function chosenKey({ path, ghostId }: Pick<Route, 'path' | 'ghostId'>): string {
  if (ghostId === '') return trunkKey(path);
  return path === '' ? ghostKey(ghostId) : ghostKey(ghostId, path);
}

/** The address of a node. */
export function addressOf(node: GraphNode): Pick<Route, 'path' | 'ghostId'> {
  if (node.kind === 'ghost') return { path: '', ghostId: node.branch.id };
  return { path: node.path, ghostId: node.kind === 'staged' ? node.ghostId : '' };
}

/** The node that a key leads to; `undefined` for keys that lead nowhere. */
export function moveByKey(graph: Graph, key: string, event: KeyboardEvent): string | undefined {
  switch (event.key) {
    case 'ArrowUp':
      return neighbour(graph, key, 'up');
    case 'ArrowDown':
      return neighbour(graph, key, 'down');
    case 'ArrowLeft':
      return neighbour(graph, key, 'left');
    case 'ArrowRight':
      return neighbour(graph, key, 'right');
    case 'Home':
      return graph.nodes[0]?.key;
    case 'End':
      return graph.nodes.at(-1)?.key;
    default:
      return undefined;
  }
}

/** Opens and closes by key. True where the key was for that. */
export function openByKey(
  session: TreeSession,
  node: GraphNode | undefined,
  { key }: KeyboardEvent,
): boolean {
  if (node?.kind === 'more' && (key === 'Enter' || key === 'ArrowRight')) {
    void session.showMore(node.path);
    return true;
  }
  if (node?.kind !== 'trunk') return false;
  if (key === '*') void session.openAll(node.path, openedMax);
  else if (key === 'ArrowRight' && !node.isOpen && node.node.childCount > 0)
    void session.toggle(node.path, true);
  else if (key === 'ArrowLeft' && node.isOpen) void session.toggle(node.path, false);
  else return false;
  return true;
}

/** A node in words, for those who hear the page. */
export function spoken(node: GraphNode | undefined): string {
  if (node === undefined) return '';
  switch (node.kind) {
    case 'trunk': {
      const below = node.node.childCount;
      const openness = below === 0 ? '' : `, ${node.isOpen ? 'open' : 'closed'}, ${below} below`;
      return `${node.label}${node.node.hasValue ? '' : ', no value'}${openness}`;
    }
    case 'ghost':
      return `ghost ${node.label} of ${node.branch.author}, ${node.branch.staged.size} staged`;
    case 'staged':
      return `${node.label}, ${node.staged.action === 'delete' ? 'deleted' : 'written'} in a ghost`;
    case 'more':
      return node.label;
  }
}

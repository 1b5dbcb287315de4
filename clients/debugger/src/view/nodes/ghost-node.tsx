/** Where a ghost begins: a branch that may come true. */
import type { NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { useRoute, useTree } from '../use.ts';
import { Author } from './author.tsx';
import type { FlowNode } from './flow-node.ts';

export const GhostNode = memo(function GhostNode({ data }: NodeProps<FlowNode>): ReactElement | null {
  const { navigation } = useTree();
  const { node } = data;
  const id = node.kind === 'ghost' ? node.branch.id : '';
  const isChosen = useRoute((route) => route.ghostId === id && route.path === '');
  if (node.kind !== 'ghost') return null;
  const { branch } = node;
  return (
    <div className="node ghost" data-phase={branch.phase} data-chosen={isChosen}>
      <button
        type="button"
        tabIndex={-1}
        className="node-name"
        title={`Ghost by ${branch.author}, on ${branch.scope}`}
        onClick={() => navigation.go({ ghostId: id, path: '' })}
      >
        <span className="glyph" aria-hidden="true">
          {branch.phase === 'falling' ? '✕' : branch.phase === 'settling' ? '✓' : '◌'}
        </span>
        <span className="label">{node.label}</span>
        {branch.author === '' ? null : <Author name={branch.author} />}
      </button>
      <span className="tag">{tagOf(branch.phase, branch.commitPending, branch.staged.size)}</span>
    </div>
  );
});

function tagOf(phase: string, isPending: boolean, staged: number): string {
  if (phase === 'falling') return 'reverted';
  if (phase === 'settling') return 'committed';
  return isPending ? 'in review' : `+${staged}`;
}

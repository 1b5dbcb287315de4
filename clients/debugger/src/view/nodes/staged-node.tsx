/** Something that is staged in a ghost. */
import type { NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { useRoute, useTree } from '../use.ts';
import { Author } from './author.tsx';
import type { FlowNode } from './flow-node.ts';

export const StagedNode = memo(function StagedNode({ data }: NodeProps<FlowNode>): ReactElement | null {
  const { navigation } = useTree();
  const { node } = data;
  const ghostId = node.kind === 'staged' ? node.ghostId : '';
  const isChosen = useRoute((route) => route.ghostId === ghostId && route.path === node.path);
  if (node.kind !== 'staged') return null;
  const { staged, phase } = node;
  return (
    <div className="node staged" data-phase={phase} data-action={staged.action} data-chosen={isChosen}>
      <button
        type="button"
        tabIndex={-1}
        className="node-name"
        title={`${node.path}, ${staged.action === 'delete' ? 'deleted' : 'written'} in a ghost`}
        onClick={() => navigation.go({ path: node.path, ghostId })}
      >
        <span className="glyph" aria-hidden="true">
          {phase === 'falling' ? '✕' : phase === 'settling' ? '✓' : staged.action === 'delete' ? '−' : '◌'}
        </span>
        <span className="label">{node.label}</span>
        {staged.author === '' ? null : <Author name={staged.author} />}
      </button>
    </div>
  );
});

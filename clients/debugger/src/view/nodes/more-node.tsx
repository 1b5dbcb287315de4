/** What a wide node has beyond what is shown. */
import type { NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { useTree } from '../use.ts';
import type { FlowNode } from './flow-node.ts';

export const MoreNode = memo(function MoreNode({ data }: NodeProps<FlowNode>): ReactElement | null {
  const { session } = useTree();
  const { node } = data;
  if (node.kind !== 'more') return null;
  if (node.ghostId !== '') return <div className="node more">{node.label}</div>;
  return (
    <button
      type="button"
      tabIndex={-1}
      className="node more"
      onClick={() => void session.showMore(node.path)}
    >
      <span aria-hidden="true">⋯</span> {node.label}
    </button>
  );
});

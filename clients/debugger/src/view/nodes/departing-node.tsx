/** A node that is gone and fades where it was. */
import type { NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import type { FlowNode } from './flow-node.ts';

export const DepartingNode = memo(function DepartingNode({ data }: NodeProps<FlowNode>): ReactElement {
  return (
    <div className="node departing" data-kind={data.leaving} aria-hidden="true">
      <span className="node-name">
        <span className="glyph">✕</span>
        <span className="label">{data.node.label}</span>
      </span>
    </div>
  );
});

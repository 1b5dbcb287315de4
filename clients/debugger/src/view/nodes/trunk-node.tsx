/** A node of the trunk. */
import type { NodeProps } from '@xyflow/react';
import { memo, type ReactElement } from 'react';
import { useRoute, useSession, useTree } from '../use.ts';
import { Author } from './author.tsx';
import type { FlowNode } from './flow-node.ts';

export const TrunkNode = memo(function TrunkNode({ data }: NodeProps<FlowNode>): ReactElement | null {
  const { session, navigation } = useTree();
  const { node: placed } = data;
  const mark = useSession((state) => state.marks.get(placed.key));
  const isChosen = useRoute((route) => route.path === placed.path && route.ghostId === '');
  if (placed.kind !== 'trunk') return null;
  const { node, isOpen, label, path } = placed;
  const count = node.childCount;
  return (
    <div className="node trunk" data-mark={mark?.kind} data-chosen={isChosen} data-value={node.hasValue}>
      {mark === undefined ? null : <span key={mark.count} className="halo" aria-hidden="true" />}
      <button
        type="button"
        tabIndex={-1}
        className="node-name"
        title={path}
        onClick={() => navigation.go({ path, ghostId: '' })}
      >
        <span className="glyph" aria-hidden="true">
          {mark?.kind === 'reverted' ? '✕' : mark?.kind === 'settled' ? '✓' : node.hasValue ? '●' : '○'}
        </span>
        <span className="label">{label}</span>
        {node.author === '' || !node.hasValue ? null : <Author name={node.author} />}
      </button>
      {count === 0 ? null : (
        <button
          type="button"
          tabIndex={-1}
          className="node-toggle"
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Close' : 'Open'} ${label}, ${count} below`}
          onClick={() => void session.toggle(path, !isOpen)}
        >
          {count.toLocaleString('en')}
          <span aria-hidden="true">{isOpen ? '‹' : '›'}</span>
        </button>
      )}
    </div>
  );
});

/** What stands where the tree would be while there is none, or while it may be out of date. */
import type { ReactElement } from 'react';
import { useSession } from './use.ts';

export function EmptyTree(): ReactElement | null {
  const connection = useSession((state) => state.connection);
  const isDrawn = useSession((state) => state.isDrawn);
  const isEmpty = useSession((state) => state.graph.nodes.length <= 1 && state.branches.length === 0);
  const isPast = useSession((state) => state.position !== 0);
  if (connection.kind === 'gone') return <Gone message={connection.message} />;
  if (!isDrawn) {
    return (
      <div className="blank" role="status">
        <span className="weaving" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <p>{connection.kind === 'reconnecting' ? 'Looking for the broker' : 'Reading the forest'}</p>
      </div>
    );
  }
  if (!isEmpty) return null;
  if (isPast)
    return (
      <div className="blank">
        <h2>Nothing was here yet</h2>
        <p>At this place in time the forest had no nodes.</p>
      </div>
    );
  return <Welcome />;
}

function Welcome(): ReactElement {
  const address = globalThis.location.host;
  return (
    <div className="blank">
      <h2>An empty forest</h2>
      <p>What agents publish grows here as they do. Try it from a shell:</p>
      <pre>
        <code>{`npx hyperloom put /session_1/task 'compare three databases' --address ${address}`}</code>
      </pre>
    </div>
  );
}

function Gone({ message }: { readonly message: string }): ReactElement {
  const revision = useSession((state) => state.revision);
  const isDrawn = useSession((state) => state.isDrawn);
  return (
    <div className="blank gone" role="alert">
      <h2>The broker is away</h2>
      <p>
        {isDrawn ? `This is revision ${revision.toLocaleString('en')}, as it was last seen. ` : ''}
        The page goes on trying, and takes up where it was.
      </p>
      <p className="detail">{message}</p>
      <button type="button" onClick={() => globalThis.location.reload()}>
        Load the page again
      </button>
    </div>
  );
}

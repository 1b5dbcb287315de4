/** The tree by itself, as an app of an MCP host shows it: the picture, and the value of what is chosen in it. */
import { ReactFlowProvider } from '@xyflow/react';
import type { ReactElement } from 'react';
import type { LocalNavigation } from '../session/local-navigation.ts';
import type { ToolSession } from '../session/tool-session.ts';
import { Author } from './nodes/author.tsx';
import { ToldPanel } from './told-panel.tsx';
import { TreeView } from './tree-view.tsx';
import { TreeContext, useRoute, useSession } from './use.ts';

/** What the host lets an app do beside calling tools. */
export interface HostActions {
  /** Shows the app on all of the screen, or no longer; `undefined` where the host has but one way to show it. */
  readonly resize: (() => void) | undefined;
}

export interface TreeAppProps {
  readonly session: ToolSession;
  readonly navigation: LocalNavigation;
  readonly actions: HostActions;
}

export function TreeApp({ session, navigation, actions }: TreeAppProps): ReactElement {
  return (
    <TreeContext value={{ session, navigation }}>
      <ReactFlowProvider>
        <Page session={session} actions={actions} />
      </ReactFlowProvider>
    </TreeContext>
  );
}

function Page({ session, actions }: Pick<TreeAppProps, 'session' | 'actions'>): ReactElement {
  const hasPanel = useRoute((route) => route.path !== '');
  return (
    <div className="page app" data-panel={hasPanel}>
      <Head actions={actions} />
      <main className="stage" id="stage">
        <TreeView>
          <Blank />
        </TreeView>
        {hasPanel ? <ToldPanel session={session} /> : null}
      </main>
    </div>
  );
}

function Head({ actions }: Pick<TreeAppProps, 'actions'>): ReactElement {
  const revision = useSession((state) => state.revision);
  const connection = useSession((state) => state.connection);
  const branches = useSession((state) => state.branches);
  const notice = useSession((state) => state.notice);
  const living = branches.filter(({ phase }) => phase === 'living');
  const authors = [...new Set(living.map(({ author }) => author))].filter((author) => author !== '');
  return (
    <header className="header">
      <span className="connection" data-kind={connection.kind}>
        <span className="dot" aria-hidden="true" />
        {connection.kind === 'live'
          ? 'live'
          : connection.kind === 'connecting'
            ? 'reading'
            : 'lost, trying again'}
      </span>
      <span className="figures">
        <span>revision {revision.toLocaleString('en')}</span>
        {living.length === 0 ? null : (
          <span>
            {living.length} {living.length === 1 ? 'ghost' : 'ghosts'}
          </span>
        )}
      </span>
      {authors.map((author) => (
        <Author key={author} name={author} />
      ))}
      <span className="grow" role="status">
        {notice}
      </span>
      {actions.resize === undefined ? null : (
        <button type="button" className="quiet icon" aria-label="Larger or smaller" onClick={actions.resize}>
          ⛶
        </button>
      )}
    </header>
  );
}

/** What stands where the tree would be. */
function Blank(): ReactElement | null {
  const connection = useSession((state) => state.connection);
  const isDrawn = useSession((state) => state.isDrawn);
  const isEmpty = useSession((state) => state.graph.nodes.length <= 1 && state.branches.length === 0);
  if (connection.kind === 'gone' || (connection.kind === 'reconnecting' && !isDrawn))
    return (
      <div className="blank gone" role="alert">
        <h2>The broker is away</h2>
        <p className="detail">{connection.message}</p>
      </div>
    );
  if (!isDrawn)
    return (
      <div className="blank" role="status">
        <p>Reading the forest</p>
      </div>
    );
  if (!isEmpty) return null;
  return (
    <div className="blank">
      <h2>An empty forest</h2>
      <p>What agents publish grows here as they do.</p>
    </div>
  );
}

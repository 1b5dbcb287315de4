/** What is known of the chosen node, or of the chosen ghost. */
import { useEffect, type ReactElement } from 'react';
import { nameOf } from '../model/path.ts';
import { panelTabs, type PanelTab } from '../model/route.ts';
import { BlameTab } from './tabs/blame-tab.tsx';
import { ContextTab } from './tabs/context-tab.tsx';
import { DiffTab } from './tabs/diff-tab.tsx';
import { HistoryTab } from './tabs/history-tab.tsx';
import { LocksTab } from './tabs/locks-tab.tsx';
import { SchemaTab } from './tabs/schema-tab.tsx';
import { UsedTab } from './tabs/used-tab.tsx';
import { ValueTab } from './tabs/value-tab.tsx';
import { CopyLink } from './copy-link.tsx';
import { GhostPanel } from './ghost-panel.tsx';
import { NodeActions } from './node-actions.tsx';
import type { Place } from './place.ts';
import { useRoute, useSession, useSurroundings } from './use.ts';

const names: Readonly<Record<PanelTab, string>> = {
  value: 'Value',
  diff: 'Change',
  history: 'History',
  context: 'Context',
  used: 'Used by',
  blame: 'Blame',
  locks: 'Locks',
  schema: 'Schema',
};

export function Panel(): ReactElement {
  const { navigation, session } = useSurroundings();
  const path = useRoute((route) => route.path);
  const ghostId = useRoute((route) => route.ghostId);
  const isDrawn = useSession((state) => state.isDrawn);
  // A link leads to a node that may lie deep in what is closed.
  useEffect(() => {
    if (isDrawn && path !== '' && ghostId === '') void session.reveal(path);
  }, [isDrawn, path, ghostId, session]);
  return (
    <aside className="panel" aria-label={path === '' ? 'Ghost' : path}>
      <button
        type="button"
        className="quiet icon close"
        aria-label="Close the panel"
        onClick={() => navigation.go({ path: '', ghostId: '' })}
      >
        ✕
      </button>
      {path === '' ? <GhostPanel ghostId={ghostId} /> : <NodePanel path={path} ghostId={ghostId} />}
    </aside>
  );
}

function NodePanel({ path, ghostId }: { readonly path: string; readonly ghostId: string }): ReactElement {
  const { navigation } = useSurroundings();
  const place = usePlace(path, ghostId);
  const wanted = useRoute((route) => route.tab);
  const tabs = panelTabs.filter((tab) => ghostId === '' || tab === 'value' || tab === 'diff');
  const tab = tabs.includes(wanted) ? wanted : 'value';
  const above = path.slice(0, path.length - nameOf(path).length);
  useEffect(() => {
    // On a narrow page the tabs are wider than their row.
    document.getElementById(`tab-${tab}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  return (
    <>
      <header className="panel-head">
        <h2 title={path}>
          <span className="above">{path === '/' ? '' : above}</span>
          {nameOf(path)}
        </h2>
        <p className="where">
          {ghostId === ''
            ? place.atRevision === 0
              ? 'newest'
              : `at revision ${place.atRevision}`
            : 'in a ghost'}
        </p>
        <div className="buttons">
          <NodeActions place={place} />
          <CopyLink />
        </div>
      </header>
      <div className="tabs" role="tablist" aria-label="About this node">
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`tab-${each}`}
            aria-selected={each === tab}
            aria-controls="tab-content"
            tabIndex={each === tab ? 0 : -1}
            onClick={() => navigation.follow({ tab: each })}
            onKeyDown={(event) => {
              const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
              const next = tabs[(tabs.indexOf(each) + way + tabs.length) % tabs.length];
              if (way === 0 || next === undefined) return;
              navigation.follow({ tab: next });
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {names[each]}
          </button>
        ))}
      </div>
      <div
        className="tab-content"
        id="tab-content"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
        tabIndex={0}
      >
        <Tab tab={tab} place={place} />
      </div>
    </>
  );
}

function Tab({ tab, place }: { readonly tab: PanelTab; readonly place: Place }): ReactElement {
  switch (tab) {
    case 'value':
      return <ValueTab place={place} />;
    case 'diff':
      return <DiffTab place={place} />;
    case 'history':
      return <HistoryTab place={place} />;
    case 'context':
      return <ContextTab place={place} />;
    case 'used':
      return <UsedTab place={place} />;
    case 'blame':
      return <BlameTab place={place} />;
    case 'locks':
      return <LocksTab place={place} />;
    case 'schema':
      return <SchemaTab place={place} />;
  }
}

/** The place, with a key that changes when the node has. */
function usePlace(path: string, ghostId: string): Place {
  const position = useSession((state) => state.position);
  const revision = useSession((state) => state.revision);
  const node = useSession((state) => state.graph.byKey.get(path));
  const staged = useSession((state) => state.branches.find(({ id }) => id === ghostId)?.changes ?? 0);
  const changed = node?.kind === 'trunk' ? `${node.node.modifiedRevision}/${node.node.subtreeRevision}` : '';
  const atRevision = position === 0 || ghostId !== '' ? 0 : revision;
  return { path, ghostId, atRevision, key: `${path} ${ghostId} ${atRevision} ${changed} ${staged}` };
}

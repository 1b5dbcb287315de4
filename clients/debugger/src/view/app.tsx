/** The page as a whole: one session a forest, and the views on it. */
import { ReactFlowProvider } from '@xyflow/react';
import { useEffect, useMemo, useState, useSyncExternalStore, type ReactElement } from 'react';
import { connect } from '../../../typescript/src/browser.ts';
import type { Navigation } from '../session/navigation.ts';
import { loadSettings, noSettings, type PageSettings } from '../session/page-settings.ts';
import { pageToken } from '../session/page-token.ts';
import { Provenance } from '../session/provenance.ts';
import { Session } from '../session/session.ts';
import { Compare } from './compare.tsx';
import { EmptyTree } from './empty-tree.tsx';
import { Header } from './header.tsx';
import { Notice } from './notice.tsx';
import { Panel } from './panel.tsx';
import { useShortcuts } from './shortcuts.ts';
import { useTokenCheck } from './sign-in.tsx';
import { Timeline } from './timeline.tsx';
import { TreeView } from './tree-view.tsx';
import { SurroundingsContext, TreeContext, useRoute, useSession, useSurroundings } from './use.ts';

const pageClock = {
  nowMs: () => performance.now(),
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Whose name is on what the reader does here. */
const readerName = 'debugger';

export function App({ navigation }: { readonly navigation: Navigation }): ReactElement | null {
  const { store } = navigation;
  const forest = useSyncExternalStore(store.subscribe, () => store.get().route.forest);
  const session = useForestSession(navigation, forest);
  const settings = useSettings();
  const provenance = useMemo(
    () => (session === undefined ? undefined : new Provenance(session.client)),
    [session],
  );
  const surroundings = useMemo(
    () =>
      session === undefined || provenance === undefined
        ? undefined
        : { session, navigation, provenance, settings },
    [session, navigation, provenance, settings],
  );
  if (surroundings === undefined) return null;
  return (
    <TreeContext value={surroundings}>
      <SurroundingsContext value={surroundings}>
        <ReactFlowProvider key={forest}>
          <Page />
        </ReactFlowProvider>
      </SurroundingsContext>
    </TreeContext>
  );
}

function useSettings(): PageSettings {
  const [settings, setSettings] = useState(noSettings);
  useEffect(() => {
    const over = new AbortController();
    void loadSettings(over.signal).then((loaded) => over.signal.aborted || setSettings(loaded));
    return () => over.abort();
  }, []);
  return settings;
}

function useForestSession(navigation: Navigation, forest: string): Session | undefined {
  const [session, setSession] = useState<Session>();
  const checkToken = useTokenCheck();
  useEffect(() => {
    const token = pageToken(globalThis);
    const client = connect(undefined, {
      // Whoever is known reads in that name.
      author: token === undefined ? readerName : '',
      token,
      forest,
      trackBasis: false,
      onDiagnostic(diagnostic) {
        if (diagnostic.kind !== 'subscription_lost') return;
        opened.onLost(diagnostic.error.message);
        checkToken();
      },
    });
    const opened = new Session(client, pageClock);
    opened.start(navigation.route.position);
    setSession(opened);
    return () => {
      opened.end();
      client.destroy();
    };
  }, [navigation, forest, checkToken]);
  return session;
}

function Page(): ReactElement {
  const hasPanel = useRoute((route) => route.path !== '' || route.ghostId !== '');
  const isComparing = useRoute((route) => route.compare !== undefined);
  const isPast = useSession((state) => state.position !== 0);
  useAddress();
  useShortcuts();
  return (
    <div className="page" data-past={isPast} data-panel={hasPanel}>
      <a className="skip" href="#stage">
        Skip to the content
      </a>
      <Header />
      <main className="stage" id="stage">
        {isComparing ? (
          <Compare />
        ) : (
          <TreeView>
            <EmptyTree />
          </TreeView>
        )}
        {hasPanel && !isComparing ? <Panel /> : null}
      </main>
      <Timeline />
      <Notice />
    </div>
  );
}

/** Keeps the address and the session at the same place in time. */
function useAddress(): void {
  const { session, navigation } = useSurroundings();
  const position = useSession((state) => state.position);
  const wanted = useRoute((route) => route.position);
  const [isReady, setReady] = useState(wanted === 0);
  useEffect(() => {
    if (position === wanted) setReady(true);
    if (isReady) navigation.follow({ position });
    // Only the session's own moves are followed here; the address's are below.
  }, [position]);
  useEffect(() => {
    if (session.store.get().position !== wanted && session.store.get().isDrawn) void session.travel(wanted);
  }, [wanted, session]);
}

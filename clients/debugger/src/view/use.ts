/** How views read: a part of what there is, chosen narrowly, so that they are drawn again only when that part changes. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Shape } from '../model/graph.ts';
import type { Route } from '../model/route.ts';
import type { Navigation } from '../session/navigation.ts';
import { explain } from '../session/explain.ts';
import type { PageSettings } from '../session/page-settings.ts';
import type { Provenance } from '../session/provenance.ts';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';
import type { Store } from '../session/store.ts';

/** What the tree asks of a session. */
export interface TreeSession {
  readonly store: Store<SessionState>;
  setShape(shape: Shape): void;
  toggle(path: string, isOpen: boolean): Promise<void>;
  openAll(path: string, shown: number): Promise<void>;
  showMore(path: string): Promise<void>;
}

/** What the tree can reach: it stands in the debugger's page, and by itself in pages of others. */
export interface TreeSurroundings {
  readonly session: TreeSession;
  readonly navigation: Pick<Navigation, 'store' | 'go' | 'follow'>;
}

export const TreeContext = createContext<TreeSurroundings | undefined>(undefined);

export function useTree(): TreeSurroundings {
  const tree = useContext(TreeContext);
  if (tree === undefined) throw new Error('a tree stands outside of a page');
  return tree;
}

/** What every view of the debugger can reach. */
export interface Surroundings extends TreeSurroundings {
  readonly session: Session;
  readonly navigation: Navigation;
  readonly provenance: Provenance;
  readonly settings: PageSettings;
}

export const SurroundingsContext = createContext<Surroundings | undefined>(undefined);

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext);
  if (surroundings === undefined) throw new Error('a view stands outside of the page');
  return surroundings;
}

/** A part of the session's state; `choose` must give the same object as long as nothing has changed. */
export function useSession<Part>(choose: (state: SessionState) => Part): Part {
  const { store } = useTree().session;
  return useSyncExternalStore(store.subscribe, () => choose(store.get()));
}

/** A part of the page's address. */
export function useRoute<Part>(choose: (route: Route) => Part): Part {
  const { store } = useTree().navigation;
  return useSyncExternalStore(store.subscribe, () => choose(store.get().route));
}

/** How a question to the broker stands. */
export type Asked<Answer> =
  | { readonly kind: 'waiting'; readonly before: Answer | undefined }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly message: string };

/** Asks the broker, and again whenever `key` is another; answers to older questions are dropped. */
export function useAsked<Answer>(key: string, ask: (signal: AbortSignal) => Promise<Answer>): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ kind: 'waiting', before: undefined });
  useEffect(() => {
    const over = new AbortController();
    setAsked((last) => ({ kind: 'waiting', before: last.kind === 'answered' ? last.answer : undefined }));
    ask(over.signal).then(
      (answer) => over.signal.aborted || setAsked({ kind: 'answered', answer }),
      (error: unknown) => over.signal.aborted || setAsked({ kind: 'failed', message: explain(error) }),
    );
    return () => over.abort();
    // `ask` is made anew with every drawing; what it asks for is said by `key`.
  }, [key]);
  return asked;
}

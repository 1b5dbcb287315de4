/** How views read: a part of what there is, chosen narrowly, so that they are drawn again only when that part changes. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Route } from '../model/route.ts';
import type { Navigation } from '../session/navigation.ts';
import { explain } from '../session/explain.ts';
import type { PageSettings } from '../session/page-settings.ts';
import type { Provenance } from '../session/provenance.ts';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';

/** What every view can reach. */
export interface Surroundings {
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
  const { store } = useSurroundings().session;
  return useSyncExternalStore(store.subscribe, () => choose(store.get()));
}

/** A part of the page's address. */
export function useRoute<Part>(choose: (route: Route) => Part): Part {
  const { store } = useSurroundings().navigation;
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

/** Finds nodes by a text in their paths or values, at the place in time that is shown. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { SearchHit } from '../../../typescript/src/browser.ts';
import { useAsked, useRoute, useSession, useSurroundings } from './use.ts';

/** Hits shown, and pages asked for to find them: each looks through 20,000 nodes at most, and what is found is shown as it comes. */
const hitsShown = 30;
const pagesMax = 100;
/** How long the reader has to pause for the question to be asked. */
const pauseMs = 180;

export function Search(): ReactElement {
  const { navigation } = useSurroundings();
  const [text, setText] = useState('');
  const [query, setQuery] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => setQuery(text.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const focus = (): void => field.current?.focus();
    globalThis.addEventListener('hyperloom-search', focus);
    return () => globalThis.removeEventListener('hyperloom-search', focus);
  }, []);
  const close = (): void => {
    setText('');
    setQuery('');
  };
  return (
    <search
      className="search"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <input
        ref={field}
        type="search"
        aria-label="Search paths and values"
        placeholder="Search"
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      {query === '' ? null : (
        <Hits
          query={query}
          onChoose={(path) => {
            close();
            navigation.go({ path, ghostId: '', compare: undefined });
          }}
        />
      )}
    </search>
  );
}

/** What was found while the search goes on. */
interface SoFar {
  readonly key: string;
  readonly hits: readonly SearchHit[];
}

interface HitsProps {
  readonly query: string;
  readonly onChoose: (path: string) => void;
}

function Hits({ query, onChoose }: HitsProps): ReactElement {
  const { session } = useSurroundings();
  const forest = useRoute((route) => route.forest);
  const atRevision = useSession((state) => (state.position === 0 ? 0 : state.revision));
  const key = `${forest} ${atRevision} ${query}`;
  const [soFar, setSoFar] = useState<SoFar>();
  const asked = useAsked(key, async (signal) => {
    const at = atRevision === 0 ? {} : { atRevision };
    const hits: SearchHit[] = [];
    let pages = 0;
    for await (const page of session.client.search(query, { pageSize: hitsShown, signal, ...at }).pages()) {
      hits.push(...page.items);
      pages += 1;
      if (!signal.aborted) setSoFar({ key, hits: hits.slice(0, hitsShown) });
      if (hits.length >= hitsShown || pages >= pagesMax)
        return { hits: hits.slice(0, hitsShown), hasMore: page.nextPageToken !== '' };
    }
    return { hits, hasMore: false };
  });
  const isLooking = asked.kind === 'waiting' && soFar?.key === key;
  const found =
    asked.kind === 'answered'
      ? asked.answer
      : isLooking
        ? { hits: soFar.hits, hasMore: true }
        : asked.kind === 'waiting'
          ? asked.before
          : undefined;
  return (
    <div className="hits" aria-live="polite">
      {asked.kind === 'failed' ? <p className="problem">{asked.message}</p> : null}
      {isLooking ? <p className="nothing">Looking on…</p> : null}
      {found?.hits.length === 0 && !isLooking ? (
        <p className="nothing">{found.hasMore ? 'Not found so far.' : 'Nothing holds that.'}</p>
      ) : null}
      <ul>
        {(found?.hits ?? []).map((hit) => (
          <li key={hit.node.path}>
            <button type="button" className="event" onClick={() => onChoose(hit.node.path)}>
              <span className="title mono">{hit.node.path}</span>
              {hit.excerpt === '' ? null : <Excerpt hit={hit} />}
            </button>
          </li>
        ))}
      </ul>
      {found?.hasMore === true && found.hits.length > 0 && !isLooking ? (
        <p className="nothing">There are more.</p>
      ) : null}
    </div>
  );
}

function Excerpt({ hit }: { readonly hit: SearchHit }): ReactElement {
  const characters = Array.from(hit.excerpt);
  const end = hit.excerptMatch + hit.excerptMatchLength;
  return (
    <span className="excerpt">
      {characters.slice(0, hit.excerptMatch).join('')}
      <mark>{characters.slice(hit.excerptMatch, end).join('')}</mark>
      {characters.slice(end).join('')}
    </span>
  );
}

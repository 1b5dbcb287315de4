/** Finds nodes by a text in their paths or values, at the place in time that is shown. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { SearchHit } from '../../../typescript/src/browser.ts';
import { useAsked, useRoute, useSession, useSurroundings } from './use.ts';

/** Hits shown, and pages asked for to find them: an answer has to come while somebody waits. */
const hitsShown = 30;
const pagesMax = 20;
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

interface HitsProps {
  readonly query: string;
  readonly onChoose: (path: string) => void;
}

function Hits({ query, onChoose }: HitsProps): ReactElement {
  const { session } = useSurroundings();
  const forest = useRoute((route) => route.forest);
  const atRevision = useSession((state) => (state.position === 0 ? 0 : state.revision));
  const asked = useAsked(`${forest} ${atRevision} ${query}`, async (signal) => {
    const at = atRevision === 0 ? {} : { atRevision };
    const hits: SearchHit[] = [];
    let pages = 0;
    for await (const page of session.client.search(query, { pageSize: hitsShown, signal, ...at }).pages()) {
      hits.push(...page.items);
      pages += 1;
      if (hits.length >= hitsShown || pages >= pagesMax)
        return { hits: hits.slice(0, hitsShown), hasMore: page.nextPageToken !== '' };
    }
    return { hits, hasMore: false };
  });
  const found =
    asked.kind === 'answered' ? asked.answer : asked.kind === 'waiting' ? asked.before : undefined;
  return (
    <div className="hits" aria-live="polite">
      {asked.kind === 'failed' ? <p className="problem">{asked.message}</p> : null}
      {found?.hits.length === 0 ? (
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
      {found?.hasMore === true && found.hits.length > 0 ? <p className="nothing">There are more.</p> : null}
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

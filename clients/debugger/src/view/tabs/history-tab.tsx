/** What happened to the node and below it, newest first. */
import { useState, type ReactElement } from 'react';
import { keyOf } from '../../model/timeline.ts';
import { AskedView } from '../asked.tsx';
import { EventLine } from '../event-line.tsx';
import type { Place } from '../place.ts';
import { useAsked, useSurroundings } from '../use.ts';

const pageSize = 40;

export function HistoryTab({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  const [pages, setPages] = useState(1);
  const { position } = session.store.get();
  const until = place.atRevision === 0 || position === 0 ? {} : { untilPosition: position };
  const asked = useAsked(`history ${pages} ${place.key}`, async (signal) => {
    const asking = { path: place.path, newestFirst: true, pageSize: pageSize * pages, signal, ...until };
    const { value: page } = await session.client.history(asking).pages().next();
    return { events: page?.items ?? [], hasMore: (page?.nextPageToken ?? '') !== '' };
  });
  return (
    <AskedView asked={asked}>
      {({ events, hasMore }) => (
        <>
          {events.length === 0 ? <p className="nothing">Nothing happened here.</p> : null}
          <ol className="events">
            {events.map((event) => (
              <EventLine key={keyOf(event)} event={event} />
            ))}
          </ol>
          {hasMore && pages < 25 ? (
            <button type="button" className="quiet" onClick={() => setPages(pages * 5)}>
              Show more
            </button>
          ) : null}
        </>
      )}
    </AskedView>
  );
}

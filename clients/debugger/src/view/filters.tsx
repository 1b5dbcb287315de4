/** Which events the reader wants to step through. */
import type { ReactElement } from 'react';
import { noFilter, type EventFilter } from '../model/timeline.ts';
import { eventKinds, kindInfo } from './event-kinds.ts';
import { useSession, useSurroundings } from './use.ts';

export function Filters(): ReactElement {
  const { session } = useSurroundings();
  const filter = useSession((state) => state.filter);
  const authors = useSession((state) => state.authors);
  const change = (fields: Partial<EventFilter>): void => session.setFilter({ ...filter, ...fields });
  return (
    <div className="filters" role="group" aria-label="Which events">
      <label>
        <span>Agent</span>
        <select value={filter.author} onChange={(event) => change({ author: event.target.value })}>
          <option value="">any</option>
          {authors.map((author) => (
            <option key={author}>{author}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Path</span>
        <input
          value={filter.path}
          placeholder="/session_1"
          spellCheck={false}
          onChange={(event) => change({ path: event.target.value })}
        />
      </label>
      <label>
        <span>Kind</span>
        <select
          value={filter.kind}
          onChange={(event) => change({ kind: eventKinds.find((kind) => kind === event.target.value) ?? '' })}
        >
          <option value="">any</option>
          {eventKinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindInfo[kind].name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="quiet" onClick={() => session.setFilter(noFilter)}>
        Clear
      </button>
    </div>
  );
}

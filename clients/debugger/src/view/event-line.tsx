/** An event in a list: a click goes there. */
import type { ReactElement } from 'react';
import type { Event } from '../../../typescript/src/browser.ts';
import { kindOf, titleOf } from '../model/timeline.ts';
import { kindInfo } from './event-kinds.ts';
import { Author } from './nodes/author.tsx';
import { timeText } from './time-text.ts';
import { TraceLink } from './trace-link.tsx';
import { useSession, useSurroundings } from './use.ts';

export function EventLine({ event }: { readonly event: Event }): ReactElement {
  const { session } = useSurroundings();
  const isCurrent = useSession((state) => state.position === event.position);
  const { sign, tone, name } = kindInfo[kindOf(event)];
  return (
    <li>
      <button
        type="button"
        className="event"
        aria-current={isCurrent ? 'step' : undefined}
        onClick={() => void session.travel(event.position)}
      >
        <span className="sign" data-kind={tone} title={name}>
          {sign}
        </span>
        <span className="title">{titleOf(event)}</span>
        <span className="meta">
          {event.author === '' ? null : <Author name={event.author} />}
          {event.author}
          <span>{event.revision === 0 ? 'in a ghost' : `revision ${event.revision}`}</span>
          <time dateTime={event.time.toISOString()}>{timeText(event.time)}</time>
        </span>
      </button>
      <TraceLink event={event} />
    </li>
  );
}

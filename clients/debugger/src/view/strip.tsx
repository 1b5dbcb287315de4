/** The events around the place that is looked at, one sign each; the chosen one stands in the middle. */
import { memo, useEffect, useMemo, useRef, type ReactElement } from 'react';
import type { Event } from '../../../typescript/src/browser.ts';
import { indexAt, isWanted, keyOf, kindOf, titleOf } from '../model/timeline.ts';
import { kindInfo } from './event-kinds.ts';
import { useSession, useSurroundings } from './use.ts';

/** Signs on either side: as many as a wide screen has room for. */
const signsAside = 70;

export function Strip(): ReactElement {
  const window = useSession((state) => state.window);
  const position = useSession((state) => state.position);
  const filter = useSession((state) => state.filter);
  const row = useRef<HTMLDivElement>(null);
  const { events } = window;
  const at = position === 0 ? events.length - 1 : indexAt(events, position);
  const shown = useMemo(() => events.slice(Math.max(0, at - signsAside), at + signsAside + 1), [events, at]);
  const chosen = events[at]?.position ?? 0;
  useEffect(() => {
    const [frame, sign] = [row.current, row.current?.querySelector<HTMLElement>('[aria-current]')];
    if (frame === null || sign === null || sign === undefined) return;
    frame.scrollLeft = sign.offsetLeft - (frame.clientWidth - sign.offsetWidth) / (position === 0 ? 1 : 2);
  }, [chosen, position]);
  return (
    <div className="strip" ref={row} role="group" aria-label="Events around here">
      {shown.map((event) => (
        <Sign
          key={keyOf(event)}
          event={event}
          isCurrent={event.position === chosen}
          isWanted={isWanted(event, filter)}
        />
      ))}
    </div>
  );
}

interface SignProps {
  readonly event: Event;
  readonly isCurrent: boolean;
  readonly isWanted: boolean;
}

const Sign = memo(function Sign({ event, isCurrent, isWanted }: SignProps): ReactElement {
  const { session } = useSurroundings();
  const { sign, tone, name } = kindInfo[kindOf(event)];
  const title = `${name}: ${titleOf(event)}${event.author === '' ? '' : `, by ${event.author}`}`;
  return (
    <button
      type="button"
      className="sign"
      tabIndex={isCurrent ? 0 : -1}
      data-kind={tone}
      data-wanted={isWanted}
      aria-current={isCurrent ? 'step' : undefined}
      aria-label={title}
      title={title}
      onClick={() => {
        session.player.pause();
        void session.travel(event.position);
      }}
    >
      {sign}
    </button>
  );
});

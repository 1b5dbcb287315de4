/** The bottom of the page: where in time the reader stands, what happened there, and the ways to move. */
import { useState, type ReactElement } from 'react';
import { kindOf, titleOf } from '../model/timeline.ts';
import { Filters } from './filters.tsx';
import { Density } from './density.tsx';
import { kindInfo } from './event-kinds.ts';
import { timeText } from './time-text.ts';
import { Strip } from './strip.tsx';
import { TraceLink } from './trace-link.tsx';
import { useSession, useSurroundings } from './use.ts';

export function Timeline(): ReactElement {
  const [hasFilters, setFilters] = useState(false);
  return (
    <footer className="timeline" aria-label="Timeline">
      <div className="transport">
        <Controls />
        <Current />
        <span className="grow" />
        <button
          type="button"
          className="quiet"
          aria-expanded={hasFilters}
          onClick={() => setFilters(!hasFilters)}
        >
          Filter
          <FilterCount />
        </button>
        <Jump />
      </div>
      {hasFilters ? <Filters /> : null}
      <Strip />
      <Scrubber />
    </footer>
  );
}

const speeds = [1, 5, 20, 50, 100] as const;

function Controls(): ReactElement {
  const { session } = useSurroundings();
  const isPlaying = useSession((state) => state.isPlaying);
  const isLive = useSession((state) => state.position === 0);
  const speed = useSession((state) => state.speed);
  return (
    <div className="controls" role="group" aria-label="Move in time">
      <button type="button" className="icon" aria-label="Event before" onClick={() => void session.step(-1)}>
        ‹
      </button>
      <button
        type="button"
        className="icon main"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={() => (isPlaying ? session.player.pause() : session.player.play())}
      >
        {isPlaying ? '❚❚' : '▶'}
      </button>
      <button
        type="button"
        className="icon"
        aria-label="Event after"
        disabled={isLive}
        onClick={() => void session.step(1)}
      >
        ›
      </button>
      <label className="choice">
        <span className="hidden">Events a second</span>
        <select value={speed} onChange={(event) => session.player.setSpeed(Number(event.target.value))}>
          {speeds.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="live"
        aria-pressed={isLive}
        onClick={() => {
          session.player.pause();
          void session.travel(0);
        }}
      >
        Live
      </button>
    </div>
  );
}

/** The event that is looked at, in a line. */
function Current(): ReactElement {
  const event = useSession((state) => state.current);
  const { navigation } = useSurroundings();
  if (event === undefined) return <p className="current empty">Nothing has happened yet</p>;
  const kind = kindInfo[kindOf(event)];
  const [first] = event.changes;
  return (
    <p className="current">
      <span className="sign" data-kind={kind.tone} aria-hidden="true">
        {kind.sign}
      </span>
      <span className="hidden">{kind.name}</span>
      <button
        type="button"
        className="title"
        disabled={first === undefined && event.ghostId === ''}
        onClick={() =>
          navigation.go({ path: first?.path ?? '', ghostId: event.revision === 0 ? event.ghostId : '' })
        }
      >
        {titleOf(event)}
      </button>
      {event.author === '' ? null : <span className="by">{event.author}</span>}
      <time dateTime={event.time.toISOString()}>{timeText(event.time)}</time>
      <TraceLink event={event} />
    </p>
  );
}

function FilterCount(): ReactElement | null {
  const filter = useSession((state) => state.filter);
  const count = [filter.author, filter.path, filter.kind].filter((each) => each !== '').length;
  return count === 0 ? null : <span className="count">{count}</span>;
}

/** The revision that is shown, and the way to another. */
function Jump(): ReactElement {
  const { session } = useSurroundings();
  const revision = useSession((state) => state.revision);
  const [text, setText] = useState<string>();
  return (
    <form
      className="jump"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = Number(text);
        setText(undefined);
        if (Number.isSafeInteger(wanted) && wanted > 0) void session.travelToRevision(wanted);
      }}
    >
      <label>
        <span>Revision</span>
        <input
          inputMode="numeric"
          pattern="[0-9]*"
          value={text ?? String(revision)}
          onFocus={(event) => event.target.select()}
          onBlur={() => setText(undefined)}
          onChange={(event) => setText(event.target.value.replace(/\D/g, ''))}
        />
      </label>
    </form>
  );
}

/** All of history on one line. */
function Scrubber(): ReactElement {
  const { session } = useSurroundings();
  const range = useSession((state) => state.range);
  const position = useSession((state) => state.position);
  const isLive = position === 0;
  const at = isLive ? range.last : position;
  return (
    <div className="scrubber">
      <Density />
      <input
        type="range"
        aria-label="Place in history"
        aria-valuetext={isLive ? 'live' : `position ${at} of ${range.last}`}
        min={range.first}
        max={Math.max(range.first, range.last)}
        value={at}
        disabled={range.last === 0}
        onChange={(event) => {
          const wanted = Number(event.target.value);
          session.player.pause();
          void session.travel(wanted >= range.last ? 0 : wanted);
        }}
      />
    </div>
  );
}

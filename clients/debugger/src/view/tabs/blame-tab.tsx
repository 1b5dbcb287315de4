/** Which publish made the value, field by field, and those right below it. */
import type { ReactElement } from 'react';
import { AskedView } from '../asked.tsx';
import { FieldBlameView } from '../field-blame.tsx';
import { Author } from '../nodes/author.tsx';
import type { Place } from '../place.ts';
import { TraceLink } from '../trace-link.tsx';
import { useAsked, useSurroundings } from '../use.ts';

const linesAsked = 200;

export function BlameTab({ place }: { readonly place: Place }): ReactElement {
  const { session, navigation } = useSurroundings();
  const asked = useAsked(`blame ${place.key}`, async (signal) => {
    const at = place.atRevision === 0 ? {} : { atRevision: place.atRevision };
    const asking = { depth: 1, pageSize: linesAsked, signal, ...at };
    const { value: page } = await session.client.blame(place.path, asking).pages().next();
    return (page?.items ?? []).filter(({ node }) => node.version > 0);
  });
  return (
    <>
      <FieldBlameView place={place} />
      <AskedView asked={asked}>
        {(lines) => (
          <>
            {lines.length < 2 ? null : <h3 className="blamed-title">Node by node</h3>}
            {lines.length === 0 ? <p className="nothing">There is no value here or right below.</p> : null}
            <ol className="events">
              {lines.map(({ node, event }) => (
                <li key={node.path}>
                  <button
                    type="button"
                    className="event"
                    onClick={() =>
                      event === undefined
                        ? navigation.go({ path: node.path })
                        : void session.travel(event.position)
                    }
                  >
                    <span className="sign" data-kind="trunk" aria-hidden="true">
                      ●
                    </span>
                    <span className="title mono">{node.path}</span>
                    <span className="meta">
                      {node.author === '' ? null : <Author name={node.author} />}
                      {node.author}
                      <span>revision {node.modifiedRevision}</span>
                      <span>{event === undefined ? 'compacted' : event.label}</span>
                    </span>
                  </button>
                  {event === undefined ? null : <TraceLink event={event} />}
                </li>
              ))}
            </ol>
          </>
        )}
      </AskedView>
    </>
  );
}

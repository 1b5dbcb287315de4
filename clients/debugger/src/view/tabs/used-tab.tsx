/** Who has used the value since, through any number of agents. */
import type { ReactElement } from 'react';
import type { DerivedPublish } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import { EventLine } from '../event-line.tsx';
import type { Place } from '../place.ts';
import { plural } from '../plural.ts';
import { readPlace } from '../read-place.ts';
import { useAsked, useSurroundings } from '../use.ts';

export function UsedTab({ place }: { readonly place: Place }): ReactElement {
  const { session, provenance } = useSurroundings();
  const asked = useAsked(`used ${place.key}`, async (signal) => {
    const node = await readPlace(session.client, place, signal);
    if (node === undefined || node.modifiedRevision === 0) return undefined;
    return { node, traced: await provenance.downstream(place.path, node.modifiedRevision, signal) };
  });
  return (
    <AskedView asked={asked}>
      {(answer) =>
        answer === undefined ? (
          <p className="nothing">There is no value here that anybody could have used.</p>
        ) : (
          <>
            <p className="words">
              {answer.traced.entries.length === 0
                ? `Nobody has told of using what revision ${answer.node.modifiedRevision} wrote here.`
                : `What revision ${answer.node.modifiedRevision} wrote here was used by:`}
            </p>
            <ol className="events">
              {answer.traced.entries.map((derived) => (
                <DerivedLines key={derived.event.position} derived={derived} />
              ))}
            </ol>
            {answer.traced.hasMore ? <p className="nothing">There is more than is shown.</p> : null}
          </>
        )
      }
    </AskedView>
  );
}

function DerivedLines({ derived }: { readonly derived: DerivedPublish }): ReactElement {
  const { links, hops, standingPaths } = derived;
  const through = [...new Set(links.map(({ basis }) => basis.path))];
  return (
    <>
      <EventLine event={derived.event} />
      <li className="through">
        {hops === 1 ? 'directly' : `${hops} publishes away`}, through <code>{through[0]}</code>
        {through.length > 1 ? ` and ${plural(through.length - 1, 'other')}` : ''}
        {standingPaths.length === 0 ? '; overwritten since' : ''}
      </li>
    </>
  );
}

/** What the node holds. */
import type { ReactElement } from 'react';
import type { Node } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import type { Place } from '../place.ts';
import { readPlace } from '../read-place.ts';
import { useAsked, useSurroundings } from '../use.ts';
import { ValueBlock } from '../value-block.tsx';

export function ValueTab({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  const asked = useAsked(place.key, (signal) => readPlace(session.client, place, signal));
  return (
    <AskedView asked={asked}>
      {(node) =>
        node === undefined ? (
          <p className="nothing">There is no such node here. It may have been at another time.</p>
        ) : (
          <>
            <Facts node={node} />
            <ValueBlock node={node} />
          </>
        )
      }
    </AskedView>
  );
}

function Facts({ node }: { readonly node: Node }): ReactElement {
  const { session } = useSurroundings();
  const facts: readonly (readonly [string, string | number, number?])[] = [
    ['Author', node.author],
    ['Changed at', node.modifiedRevision, node.modifiedRevision],
    ['Created at', node.createdRevision, node.createdRevision],
    ['Changes', node.version],
    ['Below', node.childCount],
    ['Lease', node.leaseId],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== '' && value !== 0)
        .map(([name, value, revision]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {revision === undefined ? (
                value
              ) : (
                <button
                  type="button"
                  className="link"
                  onClick={() => void session.travelToRevision(revision)}
                >
                  revision {revision}
                </button>
              )}
            </dd>
          </div>
        ))}
    </dl>
  );
}

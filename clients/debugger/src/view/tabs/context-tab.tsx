/** What the author of the value had read when it wrote it, as it was seen then. */
import type { ReactElement } from 'react';
import type { SeenNode, SeenStanding } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import type { Place } from '../place.ts';
import { readPlace } from '../read-place.ts';
import { useAsked, useSurroundings } from '../use.ts';
import { ValueBlock } from '../value-block.tsx';

export function ContextTab({ place }: { readonly place: Place }): ReactElement {
  const { session, provenance } = useSurroundings();
  const asked = useAsked(`context ${place.key}`, async (signal) => {
    const node = await readPlace(session.client, place, signal);
    if (node === undefined || node.modifiedRevision === 0) return undefined;
    return { node, traced: await provenance.upstream(place.path, node.modifiedRevision, signal) };
  });
  return (
    <AskedView asked={asked}>
      {(answer) =>
        answer === undefined ? (
          <p className="nothing">There is no value here, so nobody wrote it.</p>
        ) : (
          <>
            <p className="words">
              {answer.node.author === '' ? 'Its author' : answer.node.author} wrote revision{' '}
              {answer.node.modifiedRevision}{' '}
              {answer.traced.entries.length === 0
                ? 'and told of nothing that it had read.'
                : 'with this before it:'}
            </p>
            {answer.traced.entries.map((seen) => (
              <SeenBlock key={`${pathOf(seen)} ${seen.basis.revision}`} seen={seen} />
            ))}
            {answer.traced.hasMore ? <p className="nothing">There is more than is shown.</p> : null}
          </>
        )
      }
    </AskedView>
  );
}

const words: Readonly<Record<SeenStanding, string>> = {
  unchanged: 'still so',
  changed: 'changed since',
  reverted: 'reverted since',
  gone: 'not to be shown any more',
};

function SeenBlock({ seen }: { readonly seen: SeenNode }): ReactElement {
  const { navigation } = useSurroundings();
  return (
    <section className="difference">
      <h3>
        <button
          type="button"
          className="link mono"
          onClick={() => navigation.go({ path: pathOf(seen), ghostId: '' })}
        >
          {pathOf(seen)}
        </button>
        <span className="chip" data-standing={seen.standing}>
          {words[seen.standing]}
        </span>
      </h3>
      <p className="words">read at revision {seen.basis.revision}</p>
      {seen.node === undefined ? (
        <p className="nothing">
          {seen.basis.extent === 'absent' ? 'It saw that there was nothing.' : 'It cannot be shown.'}
        </p>
      ) : (
        <ValueBlock node={seen.node} />
      )}
    </section>
  );
}

/** Of a subtree that was read each node is told by itself. */
function pathOf({ node, basis }: SeenNode): string {
  return node?.path ?? basis.path;
}

/** The value of what is chosen in the tree, as the tool `read` tells it. */
import type { ReactElement } from 'react';
import { sizeText, visible } from '../model/value-text.ts';
import type { ToldValue } from '../session/told.ts';
import type { ToolSession } from '../session/tool-session.ts';
import { AskedView } from './asked.tsx';
import { useAsked, useRoute, useSession, useTree } from './use.ts';
import { LongText } from './value-block.tsx';

export function ToldPanel({ session }: { readonly session: ToolSession }): ReactElement {
  const { navigation } = useTree();
  const path = useRoute((route) => route.path);
  const ghostId = useRoute((route) => route.ghostId);
  // Only a change of this very node asks for it again.
  const changed = useSession(({ graph, branches }) => {
    if (ghostId !== '') return branches.find(({ id }) => id === ghostId)?.staged.size ?? 0;
    const node = graph.byKey.get(path);
    return node?.kind === 'trunk' ? node.node.modifiedRevision : 0;
  });
  const asked = useAsked(`${ghostId}\n${path}\n${changed}`, () => session.read(path, ghostId));
  return (
    <section className="panel" aria-label="Node">
      <div className="panel-head">
        <h2>{path}</h2>
      </div>
      <button
        type="button"
        className="quiet icon close"
        aria-label="Close"
        onClick={() => navigation.follow({ path: '', ghostId: '' })}
      >
        ✕
      </button>
      <AskedView asked={asked}>
        {(value) => (
          <div className="tab-content">
            {value === undefined ? (
              <p className="nothing">There is no such node any more.</p>
            ) : (
              <Value value={value} />
            )}
          </div>
        )}
      </AskedView>
    </section>
  );
}

function Value({ value }: { readonly value: ToldValue }): ReactElement {
  const { kind, text, isCut, author, revision, bytes } = value;
  if (kind === 'none') return <p className="nothing">No value of its own, only nodes below it.</p>;
  return (
    <figure className="value">
      <figcaption>
        <span className="chip">{kind}</span>
        <span>{sizeText(bytes)}</span>
        <span>
          {author === '' ? '' : `by ${author}, `}
          {revision === 0 ? 'staged' : `revision ${revision.toLocaleString('en')}`}
        </span>
      </figcaption>
      <LongText text={visible(text)} />
      {isCut ? <p className="nothing">The beginning of a long value.</p> : null}
    </figure>
  );
}

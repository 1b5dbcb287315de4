/** A value, as text and never as anything else: whatever it holds, it is shown and not run. */
import { useState, type ReactElement } from 'react';
import type { Node } from '../../../typescript/src/browser.ts';
import { charactersShown, sizeText, valueText } from '../model/value-text.ts';

export function ValueBlock({ node }: { readonly node: Node }): ReactElement {
  const { text, kind, note } = valueText(node);
  if (kind === 'none') return <p className="nothing">No value of its own, only nodes below it.</p>;
  return (
    <figure className="value">
      <figcaption>
        <span className="chip">{note === '' && node.kind === 'message' ? 'message' : kind}</span>
        <span>{sizeText(node.valueBytes)}</span>
        {note === '' ? null : <span>{note}</span>}
      </figcaption>
      <LongText text={text} />
    </figure>
  );
}

/** The beginning of a text, and more of it on request. */
export function LongText({ text }: { readonly text: string }): ReactElement {
  const [shown, setShown] = useState(charactersShown);
  const left = text.length - shown;
  return (
    <>
      <pre tabIndex={0}>
        <code>{left > 0 ? text.slice(0, shown) : text}</code>
      </pre>
      {left > 0 ? (
        <button type="button" className="quiet" onClick={() => setShown(shown * 4)}>
          Show more: {left.toLocaleString('en')} characters are left
        </button>
      ) : null}
    </>
  );
}

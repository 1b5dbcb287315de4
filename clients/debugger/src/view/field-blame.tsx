/** The fields of a JSON value or message, each with the change that made it what it is. */
import { useMemo, useState, type ReactElement } from 'react';
import { stringifyJson, type JsonValue } from '../../../typescript/src/browser.ts';
import { fieldRows, type FieldRow } from '../model/field-blame.ts';
import { visible } from '../model/value-text.ts';
import { loadFieldBlame, pagesAtFirst, type FieldBlame, type FieldCause } from '../session/field-blame.ts';
import { AskedView } from './asked.tsx';
import { Author } from './nodes/author.tsx';
import type { Place } from './place.ts';
import { timeText } from './time-text.ts';
import { useAsked, useSurroundings } from './use.ts';

const rowsAtFirst = 200;
const charactersShown = 160;

export function FieldBlameView({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  const [pages, setPages] = useState(pagesAtFirst);
  const { position } = session.store.get();
  const asked = useAsked(`fields ${pages} ${place.key}`, async (signal) => {
    const { path, atRevision } = place;
    const at = atRevision === 0 ? 0 : position;
    return { found: await loadFieldBlame(session.client, { path, atRevision, position: at, pages, signal }) };
  });
  return (
    <AskedView asked={asked}>
      {({ found }) =>
        found === undefined ? null : <Fields blame={found} onFurther={() => setPages(pages * 8)} />
      }
    </AskedView>
  );
}

interface FieldsProps {
  readonly blame: FieldBlame;
  readonly onFurther: () => void;
}

function Fields({ blame: { blamed, since }, onFurther }: FieldsProps): ReactElement {
  const [shown, setShown] = useState(rowsAtFirst);
  const { rows, left } = useMemo(() => fieldRows(blamed, shown, shortText), [blamed, shown]);
  return (
    <section className="fields" aria-labelledby="fields-title">
      <h3 id="fields-title">Field by field</h3>
      <ol>
        {rows.map((row) => (
          <FieldLine key={row.pointer} row={row} since={since} />
        ))}
      </ol>
      {left === 0 ? null : (
        <button type="button" className="quiet" onClick={() => setShown(shown * 5)}>
          Show more: {left.toLocaleString('en')} fields are left
        </button>
      )}
      {since === 0 ? null : (
        <p className="words">
          Changes before revision {since} were not looked at.{' '}
          <button type="button" className="link" onClick={onFurther}>
            Look further back
          </button>
        </p>
      )}
    </section>
  );
}

function FieldLine({
  row,
  since,
}: {
  readonly row: FieldRow<FieldCause>;
  readonly since: number;
}): ReactElement {
  const { pointer, name, depth, text } = row;
  const indent = Math.min(depth, indentMax) * 14;
  return (
    <li data-pointer={pointer}>
      <span
        className="field mono"
        style={{ paddingLeft: `${indent}px` }}
        title={pointer === '' ? 'the value' : pointer}
      >
        {pointer === '' ? null : <span className="field-name">{visible(name)}</span>}
        <span className="field-value" data-whole={row.holdsOthers}>
          {text}
        </span>
      </span>
      {row.holdsOthers ? null : <Cause cause={row.cause} since={since} />}
    </li>
  );
}

/** Deeper fields stand no further to the right: the panel is narrow. */
const indentMax = 10;

function Cause({ cause, since }: { readonly cause: FieldCause; readonly since: number }): ReactElement {
  const { session } = useSurroundings();
  if (cause === undefined) return <span className="meta">before revision {since}</span>;
  const { author, label, revision, position, time } = cause;
  return (
    <button
      type="button"
      className="cause"
      title={label === '' ? undefined : label}
      onClick={() => void session.travel(position)}
    >
      {author === '' ? null : <Author name={author} />}
      <span>{author}</span>
      <span className="number">revision {revision}</span>
      <time dateTime={time.toISOString()}>{timeText(time)}</time>
    </button>
  );
}

function shortText(value: JsonValue): string {
  const text = visible(stringifyJson(value));
  return text.length > charactersShown ? `${text.slice(0, charactersShown)}…` : text;
}

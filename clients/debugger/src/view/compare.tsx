/** Two revisions, or two ghosts, or one of each, side by side. */
import { useState, type ReactElement } from 'react';
import type { Node } from '../../../typescript/src/browser.ts';
import { formatSide, parseSide, type Side } from '../model/route.ts';
import { compareSides, differencesShown } from '../session/comparison.ts';
import { AskedView } from './asked.tsx';
import { DiffView } from './diff-view.tsx';
import { plural } from './plural.ts';
import { useAsked, useRoute, useSession, useSurroundings } from './use.ts';
import { ValueBlock } from './value-block.tsx';

export function Compare(): ReactElement | null {
  const { navigation } = useSurroundings();
  const compare = useRoute((route) => route.compare);
  if (compare === undefined) return null;
  const { left, right } = compare;
  return (
    <section className="compare" aria-label="Compare">
      <header className="compare-head">
        <h2>Compare</h2>
        <SideChoice
          name="Left"
          side={left}
          onChoose={(side) => navigation.go({ compare: { left: side, right } })}
        />
        <button
          type="button"
          className="quiet icon"
          aria-label="Exchange the sides"
          onClick={() => navigation.go({ compare: { left: right, right: left } })}
        >
          ⇄
        </button>
        <SideChoice
          name="Right"
          side={right}
          onChoose={(side) => navigation.go({ compare: { left, right: side } })}
        />
        <span className="grow" />
        <button type="button" className="quiet" onClick={() => navigation.go({ compare: undefined })}>
          Close
        </button>
      </header>
      <Differences left={left} right={right} />
    </section>
  );
}

interface SideChoiceProps {
  readonly name: string;
  readonly side: Side;
  readonly onChoose: (side: Side) => void;
}

function SideChoice({ name, side, onChoose }: SideChoiceProps): ReactElement {
  const ghosts = useSession((state) => state.branches);
  const [text, setText] = useState<string>();
  const revision = side.kind === 'revision' ? String(side.revision) : '';
  const choose = (wanted: string): void => {
    setText(undefined);
    const parsed = parseSide(wanted);
    if (parsed !== undefined) onChoose(parsed);
  };
  return (
    <span className="side">
      <label>
        <span className="hidden">{name} kind</span>
        <select
          value={side.kind === 'ghost' ? formatSide(side) : 'revision'}
          onChange={(event) => choose(event.target.value === 'revision' ? '1' : event.target.value)}
        >
          <option value="revision">revision</option>
          {ghosts.map(({ id, label, author }) => (
            <option key={id} value={`ghost:${id}`}>
              ghost {label === '' ? id : label} {author === '' ? '' : `by ${author}`}
            </option>
          ))}
          {side.kind === 'ghost' && !ghosts.some(({ id }) => id === side.ghostId) ? (
            <option value={formatSide(side)}>ghost {side.ghostId}</option>
          ) : null}
        </select>
      </label>
      {side.kind === 'revision' ? (
        <label>
          <span className="hidden">{name} revision</span>
          <input
            inputMode="numeric"
            value={text ?? revision}
            onChange={(event) => setText(event.target.value.replace(/\D/g, ''))}
            onBlur={() => choose(text ?? revision)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') choose(text ?? revision);
            }}
          />
        </label>
      ) : null}
    </span>
  );
}

function Differences({ left, right }: { readonly left: Side; readonly right: Side }): ReactElement {
  const { session } = useSurroundings();
  const [isSideways, setSideways] = useState(true);
  const asked = useAsked(`${formatSide(left)} ${formatSide(right)}`, (signal) =>
    compareSides(session.client, left, right, signal),
  );
  return (
    <AskedView asked={asked}>
      {({ rows, hasMore }) => (
        <div className="differences">
          <p className="words">
            {rows.length === 0
              ? 'Both sides are the same.'
              : `${plural(rows.length, 'path')} ${rows.length === 1 ? 'differs' : 'differ'}`}
            {hasMore ? `; only the first ${differencesShown} are shown` : ''}
            {rows.length === 0 ? null : (
              <label className="switch">
                <input type="checkbox" checked={isSideways} onChange={() => setSideways(!isSideways)} /> side
                by side
              </label>
            )}
          </p>
          {rows.map(({ path, before, after }) => (
            <section key={path} className="difference">
              <h3>
                <code>{path}</code>
                <span className="chip">
                  {before === undefined ? 'only right' : after === undefined ? 'only left' : 'differs'}
                </span>
              </h3>
              {isSideways ? (
                <div className="sides">
                  <SideValue node={before} name="Left" />
                  <SideValue node={after} name="Right" />
                </div>
              ) : (
                <DiffView before={before} after={after} />
              )}
            </section>
          ))}
        </div>
      )}
    </AskedView>
  );
}

function SideValue({ node, name }: { readonly node: Node | undefined; readonly name: string }): ReactElement {
  return (
    <div className="side-value" aria-label={name} role="group">
      {node === undefined ? <p className="nothing">not there</p> : <ValueBlock node={node} />}
    </div>
  );
}

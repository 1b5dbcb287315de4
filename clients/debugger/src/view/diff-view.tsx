/** Two values, line by line; signs as well as colours tell what came and what went. */
import { useMemo, type ReactElement } from 'react';
import type { Node } from '../../../typescript/src/browser.ts';
import { diffLines, type DiffLine } from '../model/text-diff.ts';
import { charactersShown, valueText } from '../model/value-text.ts';

interface DiffViewProps {
  readonly before: Node | undefined;
  readonly after: Node | undefined;
}

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', added: '+', removed: '−' };
/** Lines shown: more are no help in a panel. */
const linesShown = 2_000;

export function DiffView({ before, after }: DiffViewProps): ReactElement {
  const lines = useMemo(() => diffLines(shortText(before), shortText(after)), [before, after]);
  if (lines.length === 0) return <p className="nothing">Neither side has a value.</p>;
  if (lines.every(({ kind }) => kind === 'same')) return <p className="nothing">Both sides are the same.</p>;
  return (
    <pre className="diff" tabIndex={0}>
      {lines.slice(0, linesShown).map(({ kind, text }, index) => (
        <span key={index} data-kind={kind}>
          <i aria-hidden="true">{signs[kind]}</i>
          {kind === 'same' ? null : <span className="hidden">{kind}: </span>}
          {text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function shortText(node: Node | undefined): string {
  if (node === undefined) return '';
  const { text } = valueText(node);
  const left = text.length - charactersShown * 4;
  return left > 0
    ? `${text.slice(0, charactersShown * 4)}\n… and ${left.toLocaleString('en')} characters more`
    : text;
}

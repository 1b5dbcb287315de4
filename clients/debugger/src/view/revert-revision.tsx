/** Takes a revision back: alone, or with all that was derived from it, of which the report comes first. */
import { useState, type ReactElement } from 'react';
import type { CascadeReport } from '../../../typescript/src/browser.ts';
import { AskedView } from './asked.tsx';
import { Confirm } from './confirm.tsx';
import { plural } from './plural.ts';
import { useAsked, useSurroundings } from './use.ts';

/** Lines of a report that are shown: the totals tell of the rest. */
const linesShown = 8;

interface RevertRevisionProps {
  readonly revision: number;
  readonly onClose: () => void;
}

export function RevertRevision({ revision, onClose }: RevertRevisionProps): ReactElement {
  const { session, provenance } = useSurroundings();
  const [reason, setReason] = useState('');
  const [isCascade, setCascade] = useState(false);
  const report = useAsked(`report ${revision}`, (signal) => provenance.report(revision, signal));
  const revert = async (): Promise<void> => {
    if (isCascade) await provenance.cascade(revision, reason);
    else await session.client.revertRevision(revision, reason);
    session.player.pause();
    await session.travel(0);
  };
  return (
    <Confirm
      title={`Take back revision ${revision}`}
      action={isCascade ? 'Take back all' : 'Take back'}
      isGrave
      onConfirm={revert}
      onClose={onClose}
    >
      <p>Writes the inverse as a new revision; history stays as it is.</p>
      <fieldset className="choices">
        <legend className="hidden">How far</legend>
        <label>
          <input type="radio" name="far" checked={!isCascade} onChange={() => setCascade(false)} /> Revision{' '}
          {revision} alone. Refused where others have built on it.
        </label>
        <label>
          <input type="radio" name="far" checked={isCascade} onChange={() => setCascade(true)} /> With all
          that was derived from it:
        </label>
      </fieldset>
      <AskedView asked={report}>{(answer) => <Report report={answer} />}</AskedView>
      <label className="field">
        <span>Why</span>
        <input value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Confirm>
  );
}

function Report({ report }: { readonly report: CascadeReport }): ReactElement {
  const { undone, undoneTotal, notUndone, notUndoneTotal, ghostsTotal } = report;
  return (
    <div className="report" role="group" aria-label="What would be taken back">
      <p>
        {plural(undoneTotal, 'revision')} taken back
        {notUndoneTotal === 0
          ? ''
          : `; ${plural(notUndoneTotal, 'write')} stay, overwritten or built upon since`}
        {ghostsTotal === 0 ? '' : `; ${plural(ghostsTotal, 'live ghost')} told`}
      </p>
      <ul>
        {undone.slice(0, linesShown).map(({ revision, author, label, hops }) => (
          <li key={revision}>
            revision {revision} {author === '' ? '' : `by ${author}`} {label}
            <span className="meta">
              {hops === 0 ? 'this one' : hops === 1 ? 'had read it' : `${hops} publishes away`}
            </span>
          </li>
        ))}
        {notUndone.slice(0, linesShown).map(({ path, revision }) => (
          <li key={`${path} ${revision}`}>
            <code>{path}</code>{' '}
            <span className="meta">stays as revision {revision} or a later one made it</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

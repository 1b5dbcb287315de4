/** A ghost: what it would bring, what stands before its commit, and the decision of a reviewer. */
import { useState, type ReactElement } from 'react';
import type {
  GateStanding,
  GhostInfo,
  NodeDifference,
  PendingReview,
} from '../../../typescript/src/browser.ts';
import { AskedView } from './asked.tsx';
import { CopyLink } from './copy-link.tsx';
import { Confirm } from './confirm.tsx';
import { DiffView } from './diff-view.tsx';
import { plural } from './plural.ts';
import { useAsked, useSession, useSurroundings } from './use.ts';

/** Changes that are asked for at once, and those that are shown. */
const differencesAsked = 200;
const differencesMax = 2_000;

export function GhostPanel({ ghostId }: { readonly ghostId: string }): ReactElement {
  const { session } = useSurroundings();
  const branch = useSession((state) => state.branches.find(({ id }) => id === ghostId));
  const reviews = useSession((state) => state.reviews).filter(({ ghost }) => ghost.id === ghostId);
  const looks = reviews.map(({ reviewer, edition }) => `${reviewer} ${edition}`).join();
  const key = `${ghostId} ${branch?.phase ?? ''} ${branch?.changes ?? 0} ${branch?.commitPending ?? ''} ${looks}`;
  const asked = useAsked(key, async (signal) => {
    const ghost = await session.client.attach(ghostId, { signal });
    const info = await ghost.state({ signal });
    if (info.state !== 'live') return { info, differences: [], isCut: false };
    const differences: NodeDifference[] = [];
    for await (const page of ghost.diff({ pageSize: differencesAsked, form: 'json', signal }).pages()) {
      if (differences.length >= differencesMax) return { info, differences, isCut: true };
      differences.push(...page.items);
    }
    return { info, differences, isCut: false };
  });
  return (
    <AskedView asked={asked}>
      {({ info, differences, isCut }) => (
        <>
          <header className="panel-head">
            <h2>
              <span className="above">ghost </span>
              {info.label === '' ? info.id : info.label}
            </h2>
            <p className="where">
              by {info.author === '' ? 'somebody' : info.author}, on <code>{info.scope}</code>, from revision{' '}
              {info.baseRevision}
            </p>
            <div className="buttons">
              {reviews.map((review) => (
                <Decide key={review.reviewer} review={{ ...review, edition: info.edition }} />
              ))}
              <CopyLink />
            </div>
          </header>
          <div className="tab-content" tabIndex={0}>
            <Standing info={info} />
            {isCut ? <p className="words">Only the first {differences.length} changes are shown.</p> : null}
            {differences.map(({ path, before, after }) => (
              <section key={path} className="difference">
                <h3>
                  <code>{path}</code>
                  <span className="chip">
                    {before === undefined ? 'new' : after === undefined ? 'gone' : 'changed'}
                  </span>
                </h3>
                <DiffView before={before} after={after} />
              </section>
            ))}
          </div>
        </>
      )}
    </AskedView>
  );
}

const stateWords: Readonly<Record<GhostInfo['state'], string>> = {
  live: 'It lives: nothing of it shows outside before its commit.',
  committed: 'It was committed.',
  reverted: 'It was reverted.',
  expired: 'Its owner went away, and it was reverted.',
};

function Standing({ info }: { readonly info: GhostInfo }): ReactElement {
  return (
    <>
      <p className="words">
        {stateWords[info.state]} {plural(info.stagedOperations, 'operation')} staged.
      </p>
      {info.gates.length === 0 ? null : (
        <ul className="gates" aria-label="Gates">
          {info.gates.map((standing, at) => (
            <li key={at} data-state={standing.state}>
              <span className="sign" aria-hidden="true">
                {standing.state === 'open' ? '✓' : standing.state === 'closed' ? '✕' : '…'}
              </span>
              {gateText(standing)}
            </li>
          ))}
        </ul>
      )}
      {info.attempts.length === 0 ? null : (
        <ol className="attempts" aria-label="Earlier attempts">
          {info.attempts.map((attempt, at) => (
            <li key={at}>
              <span className="sign" data-kind="reverted" aria-hidden="true">
                ↶
              </span>
              {attempt.reason === '' ? 'no reason was given' : attempt.reason}
              <span className="meta">{plural(attempt.droppedOperations, 'operation')} dropped</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function gateText({ gate, state, author, reason }: GateStanding): string {
  const decided = author === '' ? '' : ` by ${author}${reason === '' ? '' : `: ${reason}`}`;
  switch (gate.kind) {
    case 'review':
      return `${gate.reviewer} ${state === 'open' ? `approved${decided}` : 'has to approve'}`;
    case 'limit':
      return `touches only ${gate.patterns.length === 0 ? 'its scope' : gate.patterns.join(', ')}`;
    case 'schema':
      return `values fit their schemas (${state})`;
  }
}

/** A question that is open. */
interface Decision {
  readonly way: 'approve' | 'reject';
  readonly review: PendingReview;
}

/** Decides on what the panel shows: where the ghost has changed since, the broker refuses it. */
function Decide({ review }: { readonly review: PendingReview }): ReactElement {
  const { session } = useSurroundings();
  // What was shown when the question opened: behind it, the panel may go on.
  const [asked, setAsked] = useState<Decision>();
  const [reason, setReason] = useState('');
  const close = (): void => setAsked(undefined);
  const decide = async (): Promise<void> => {
    if (asked === undefined) return;
    const reviews = session.client.review(asked.review.reviewer);
    if (asked.way === 'approve') await reviews.approve(asked.review, reason);
    else await reviews.reject(asked.review, reason);
  };
  return (
    <>
      <button type="button" className="primary" onClick={() => setAsked({ way: 'approve', review })}>
        Approve as {review.reviewer}
      </button>
      <button type="button" onClick={() => setAsked({ way: 'reject', review })}>
        Reject
      </button>
      {asked === undefined ? null : (
        <Confirm
          title={`${asked.way === 'approve' ? 'Approve' : 'Reject'} as ${review.reviewer}`}
          action={asked.way === 'approve' ? 'Approve' : 'Reject'}
          isGrave={asked.way === 'reject'}
          onConfirm={decide}
          onClose={close}
        >
          <p>
            {asked.way === 'approve'
              ? 'With the last approval that is missing, the ghost is committed as it is now.'
              : 'The ghost goes back to its last checkpoint, and its owner is told why.'}
          </p>
          <label className="field">
            <span>Why</span>
            <input value={reason} onChange={(event) => setReason(event.target.value)} />
          </label>
        </Confirm>
      )}
    </>
  );
}

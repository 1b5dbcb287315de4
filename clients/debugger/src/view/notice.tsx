/** What the reader has to be told, once. */
import type { ReactElement } from 'react';
import { useSession, useSurroundings } from './use.ts';

export function Notice(): ReactElement {
  const { session } = useSurroundings();
  const notice = useSession((state) => state.notice);
  return (
    <div className="notice" role="status" data-shown={notice !== ''}>
      {notice === '' ? null : (
        <>
          <span>{notice}</span>
          <button type="button" className="quiet" onClick={() => session.dismiss()} aria-label="Dismiss">
            ✕
          </button>
        </>
      )}
    </div>
  );
}

/** Who holds a lock here, above or below, who waits, and for whom. */
import type { ReactElement } from 'react';
import type { InspectedLock } from '../../../../typescript/src/browser.ts';
import { AskedView } from '../asked.tsx';
import { Author } from '../nodes/author.tsx';
import type { Place } from '../place.ts';
import { useAsked, useSession, useSurroundings } from '../use.ts';

export function LocksTab({ place }: { readonly place: Place }): ReactElement {
  const { session } = useSurroundings();
  // Locks make no events: the broker's own counts tell when to look again.
  const counts = useSession((state) => `${state.status?.locksHeld ?? 0} ${state.status?.locksWaiting ?? 0}`);
  const asked = useAsked(`locks ${counts} ${place.path}`, async (signal) => {
    const { value: page } = await session.client.locks({ path: place.path, signal }).pages().next();
    return page?.items ?? [];
  });
  return (
    <AskedView asked={asked}>
      {(locks) =>
        locks.length === 0 ? (
          <p className="nothing">Nobody holds or waits for a lock here. Locks are told as they are now.</p>
        ) : (
          <ol className="locks">
            {locks.map((lock) => (
              <LockLine key={lock.id} lock={lock} all={locks} />
            ))}
          </ol>
        )
      }
    </AskedView>
  );
}

interface LockLineProps {
  readonly lock: InspectedLock;
  readonly all: readonly InspectedLock[];
}

function LockLine({ lock, all }: LockLineProps): ReactElement {
  const before = lock.waitsFor.map((id) => all.find((other) => other.id === id)?.author ?? id);
  return (
    <li data-state={lock.state}>
      <p>
        {lock.author === '' ? null : <Author name={lock.author} />}
        <b>{lock.author === '' ? 'somebody' : lock.author}</b>
        <span className="chip">{lock.state}</span>
        {lock.fencingToken === 0 ? null : <span>token {lock.fencingToken}</span>}
      </p>
      {lock.label === '' ? null : <p>{lock.label}</p>}
      <ul>
        {lock.targets.map(({ path, mode }) => (
          <li key={path}>
            <code>{path}</code> {mode.replaceAll('_', ' ')}
          </li>
        ))}
      </ul>
      {before.length === 0 ? null : <p>Waits for {before.join(', ')}</p>}
    </li>
  );
}

/** What can be done about a node: each asks first. */
import { useState, type ReactElement } from 'react';
import { nameOf } from '../model/path.ts';
import { Confirm } from './confirm.tsx';
import { ExportRun } from './export-run.tsx';
import type { Place } from './place.ts';
import { RevertRevision } from './revert-revision.tsx';
import { useSession, useSurroundings } from './use.ts';

export function NodeActions({ place }: { readonly place: Place }): ReactElement | null {
  const [asks, setAsks] = useState<'fork' | 'revert' | 'export'>();
  const current = useSession((state) => state.current);
  const isPast = useSession((state) => state.position !== 0);
  if (place.ghostId !== '') return null;
  const close = (): void => setAsks(undefined);
  const canRevert = isPast && (current?.revision ?? 0) > 0;
  return (
    <>
      <button type="button" onClick={() => setAsks('fork')}>
        Fork from here
      </button>
      <button type="button" className="quiet" onClick={() => setAsks('export')}>
        Export
      </button>
      {canRevert ? (
        <button type="button" onClick={() => setAsks('revert')}>
          Take back revision {current?.revision}
        </button>
      ) : null}
      {asks === 'fork' ? <Fork place={place} onClose={close} /> : null}
      {asks === 'export' ? <ExportRun tree={place.path} onClose={close} /> : null}
      {asks === 'revert' ? <RevertRevision revision={current?.revision ?? 0} onClose={close} /> : null}
    </>
  );
}

/** A copy of the subtree as it is shown, under a new name: the way to try something else from a place in the past. */
function Fork({ place, onClose }: { readonly place: Place; readonly onClose: () => void }): ReactElement {
  const { session, navigation } = useSurroundings();
  const revision = useSession((state) => state.revision);
  const [target, setTarget] = useState(`/${nameOf(place.path).replace('/', 'root')}_fork_${revision}`);
  const fork = async (): Promise<void> => {
    const label = `fork of ${place.path} at revision ${revision}`;
    await session.client.copy(place.path, target, place.atRevision, { label });
    session.player.pause();
    await session.travel(0);
    await session.toggle(target, true);
    navigation.go({ path: target, ghostId: '', tab: 'value', position: 0 });
  };
  return (
    <Confirm title="Fork from here" action="Fork" onConfirm={fork} onClose={onClose}>
      <p>
        Copies <code>{place.path}</code>, as it is at revision {revision}, with everything below it. Nothing
        else is changed, and it costs one write.
      </p>
      <label className="field">
        <span>New tree</span>
        <input value={target} spellCheck={false} onChange={(event) => setTarget(event.target.value)} />
      </label>
    </Confirm>
  );
}

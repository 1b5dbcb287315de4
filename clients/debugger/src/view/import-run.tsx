/** Puts a run out of a file into the forest. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { importRun } from '../session/run-transfer.ts';
import { Confirm } from './confirm.tsx';
import { plural } from './plural.ts';
import { useSurroundings } from './use.ts';

export function ImportRun({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { session, navigation } = useSurroundings();
  const [file, setFile] = useState<File>();
  const [target, setTarget] = useState('');
  const [events, setEvents] = useState(0);
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);
  const read = async (): Promise<void> => {
    if (file === undefined) throw new Error('Choose a file first.');
    const { signal } = stopping.current;
    const played = await importRun(session.client, file, target.trim(), signal, setEvents);
    session.tell(
      `Imported ${plural(played.events, 'event')} into ${played.tree}, equal to what was exported.`,
    );
    await session.travel(0);
    navigation.go({ path: played.tree, ghostId: '', tab: 'value', position: 0, compare: undefined });
  };
  return (
    <Confirm
      title="Import a run"
      action="Import"
      isReady={file !== undefined}
      onConfirm={read}
      onClose={onClose}
    >
      <p>
        Puts what an export holds into this forest: each diff by its author with its basis, ghosts and what
        became of them. Then what is there is compared with what was exported.
      </p>
      <label className="field">
        <span>File</span>
        <input
          type="file"
          accept=".jsonl,.gz,application/jsonl,application/gzip"
          onChange={(event) => setFile(event.target.files?.[0])}
        />
      </label>
      <label className="field">
        <span>Tree to put it into (empty: as it was exported; it must not be there yet)</span>
        <input
          value={target}
          placeholder="/session_1_again"
          spellCheck={false}
          onChange={(event) => setTarget(event.target.value)}
        />
      </label>
      <p className="words" role="status">
        {events === 0 ? '' : `${plural(events, 'event')} so far`}
      </p>
    </Confirm>
  );
}

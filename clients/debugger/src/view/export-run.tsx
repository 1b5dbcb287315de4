/** Writes what happened in a tree to a file that the browser saves. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { exportRun, fileNameOf } from '../session/run-transfer.ts';
import { Confirm } from './confirm.tsx';
import { plural } from './plural.ts';
import { useSurroundings } from './use.ts';

interface ExportRunProps {
  readonly tree: string;
  readonly onClose: () => void;
}

export function ExportRun({ tree, onClose }: ExportRunProps): ReactElement {
  const { session } = useSurroundings();
  const [lines, setLines] = useState(0);
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);
  const what = tree === '/' ? 'the whole forest' : tree;
  const write = async (): Promise<void> => {
    const { client } = session;
    const { blob, result } = await exportRun(client, tree, stopping.current.signal, setLines);
    save(blob, fileNameOf(client.forest, tree));
    session.tell(`Exported ${what}: ${plural(result.events, 'event')}, ${plural(result.nodes, 'value')}.`);
  };
  return (
    <Confirm title="Export a run" action="Export" onConfirm={write} onClose={onClose}>
      <p>
        Writes everything that happened in <code>{what}</code> to one file, from the first revision that is
        kept: every diff with its author, time, basis and values, and the ghosts with what became of them. It
        can be imported into another tree, forest or broker, and played with <code>hyperloom replay</code>.
      </p>
      <p className="words" role="status">
        {lines === 0 ? '' : `${lines.toLocaleString('en')} lines so far`}
      </p>
    </Confirm>
  );
}

/** How long the browser may take to begin with a file. */
const saveMs = 60_000;

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), saveMs);
}

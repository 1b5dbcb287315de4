/** What contexts have cost each agent, beside what handing on the whole history would have. */
import { useEffect, useRef, type ReactElement } from 'react';
import { savedPercent, type AgentMeter } from '../model/meter.ts';
import { AskedView } from './asked.tsx';
import { Author } from './nodes/author.tsx';
import { useAsked, useSession, useSurroundings } from './use.ts';

export function MeterDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { provenance } = useSurroundings();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  // Meters make no events: they are read anew with the broker's status.
  const revision = useSession((state) => state.status?.forest.revision ?? 0);
  const asked = useAsked(`meters ${revision}`, (signal) => provenance.meters(signal));
  return (
    <dialog ref={dialog} className="dialog wide" aria-labelledby="meters-title" onClose={onClose}>
      <h2 id="meters-title">Tokens by agent</h2>
      <p className="words">
        What each agent has read and been rendered, next to what it would have read if every publish had been
        made from the whole history (o200k tokens). Reads count for the agent whose name they carry.
      </p>
      <AskedView asked={asked}>
        {(meters) =>
          meters.length === 0 ? (
            <p className="nothing">Nothing has been metered yet.</p>
          ) : (
            <ol className="meters">
              {meters.map((meter) => (
                <MeterLine key={meter.agent} meter={meter} most={mostOf(meters)} />
              ))}
            </ol>
          )
        }
      </AskedView>
      <div className="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

function mostOf(meters: readonly AgentMeter[]): number {
  return Math.max(
    1,
    ...meters.map(({ fullHistory, read, rendered }) => Math.max(fullHistory, read + rendered)),
  );
}

function MeterLine({ meter, most }: { readonly meter: AgentMeter; readonly most: number }): ReactElement {
  const context = meter.read + meter.rendered;
  const saved = savedPercent(meter);
  return (
    <li>
      <p className="meter-name">
        {meter.agent === '' ? null : <Author name={meter.agent} />}
        <b>{meter.agent === '' ? 'without a name' : meter.agent}</b>
        {saved === undefined ? null : (
          <span className="chip">{saved >= 0 ? `${saved} % fewer` : `${-saved} % more`}</span>
        )}
      </p>
      <Bar name="read and rendered" tokens={context} most={most} kind="context" />
      <Bar name="full history" tokens={meter.fullHistory} most={most} kind="history" />
      {meter.fullHistoryPrice === 0 ? null : (
        <p className="meter-price">
          with a provider’s prompt cache the price of {toldTokens(meter.price)} instead of{' '}
          {toldTokens(meter.fullHistoryPrice)}
        </p>
      )}
    </li>
  );
}

interface BarProps {
  readonly name: string;
  readonly tokens: number;
  readonly most: number;
  readonly kind: 'context' | 'history';
}

function Bar({ name, tokens, most, kind }: BarProps): ReactElement {
  return (
    <div className="meter-bar">
      <span>{name}</span>
      <span className="track" aria-hidden="true">
        <i data-kind={kind} style={{ width: `${Math.max(tokens > 0 ? 0.5 : 0, (tokens / most) * 100)}%` }} />
      </span>
      <span className="number">{toldTokens(tokens)}</span>
    </div>
  );
}

/** Prices have parts of tokens. */
function toldTokens(tokens: number): string {
  return Math.round(tokens).toLocaleString('en');
}

/** The top of the page: which forest, how the broker is, and what else there is. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { ConnectionState } from '../session/state.ts';
import { ImportRun } from './import-run.tsx';
import { MeterDialog } from './meters.tsx';
import { plural } from './plural.ts';
import { Search } from './search.tsx';
import { helpRequested, keys } from './shortcuts.ts';
import { useRoute, useSession, useSurroundings } from './use.ts';

type Asked = 'tokens' | 'import' | 'keys' | undefined;

export function Header(): ReactElement {
  const [asked, setAsked] = useState<Asked>();
  const close = (): void => setAsked(undefined);
  useEffect(() => {
    const open = (): void => setAsked('keys');
    globalThis.addEventListener(helpRequested, open);
    return () => globalThis.removeEventListener(helpRequested, open);
  }, []);
  return (
    <header className="header">
      <h1 className="brand">
        <Logo />
        <span>Hyperloom</span>
      </h1>
      <Forests />
      <Connection />
      <Figures />
      <span className="grow" />
      <Search />
      <Reviews />
      <Menu onAsk={setAsked} />
      {asked === 'tokens' ? <MeterDialog onClose={close} /> : null}
      {asked === 'import' ? <ImportRun onClose={close} /> : null}
      {asked === 'keys' ? <Keys onClose={close} /> : null}
    </header>
  );
}

/** What else there is: a row of buttons, and on narrow pages a menu of them. */
function Menu({ onAsk }: { readonly onAsk: (asked: Asked) => void }): ReactElement {
  const { navigation, session } = useSurroundings();
  const [isOpen, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const compare = (): void => {
    const { revision } = session.store.get();
    const left = { kind: 'revision', revision: Math.max(0, revision - 1) } as const;
    navigation.go({ compare: { left, right: { kind: 'revision', revision } } });
  };
  return (
    <div
      className="menu"
      data-open={isOpen}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        setOpen(false);
        toggle.current?.focus();
      }}
    >
      <button
        ref={toggle}
        type="button"
        className="quiet icon menu-toggle"
        aria-label="More"
        aria-expanded={isOpen}
        aria-controls="menu-actions"
        onClick={() => setOpen(!isOpen)}
      >
        ⋯
      </button>
      <div className="menu-actions" id="menu-actions" onClick={() => setOpen(false)}>
        <button type="button" className="quiet" onClick={() => onAsk('tokens')}>
          Tokens
        </button>
        <button type="button" className="quiet" onClick={compare}>
          Compare
        </button>
        <button type="button" className="quiet" onClick={() => onAsk('import')}>
          Import
        </button>
        <Theme />
        <button type="button" className="quiet icon" aria-label="Keys" onClick={() => onAsk('keys')}>
          <span aria-hidden="true">?</span>
          <span className="menu-word" aria-hidden="true">
            Keys
          </span>
        </button>
      </div>
    </div>
  );
}

function Logo(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" className="logo">
      <path d="M5 12h4c3 0 2-6 6-6h3M9 12h9M9 12c3 0 2 6 6 6h3" />
      <circle cx="5" cy="12" r="2.4" />
      <circle cx="19" cy="6" r="2" />
      <circle cx="19" cy="12" r="2" />
      <circle cx="19" cy="18" r="2" className="ghostly" />
    </svg>
  );
}

function Forests(): ReactElement {
  const { navigation } = useSurroundings();
  const forests = useSession((state) => state.forests);
  const chosen = useRoute((route) => route.forest);
  const names = [...new Set([chosen, ...forests.map(({ name }) => name)])].sort();
  return (
    <label className="choice">
      <span className="hidden">Forest</span>
      <select
        value={chosen}
        onChange={(event) =>
          navigation.go({
            forest: event.target.value,
            path: '',
            ghostId: '',
            position: 0,
            compare: undefined,
          })
        }
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Figures(): ReactElement | null {
  const status = useSession((state) => state.status);
  if (status === undefined) return null;
  const { nodes, ghosts, revision } = status.forest;
  return (
    <p className="figures">
      <span>{plural(nodes, 'node')}</span>
      <span>{plural(revision, 'revision')}</span>
      <span>{plural(ghosts, 'live ghost')}</span>
    </p>
  );
}

/** Ghosts that wait for somebody: the first is one click away. */
function Reviews(): ReactElement | null {
  const { navigation } = useSurroundings();
  const reviews = useSession((state) => state.reviews);
  const hasMore = useSession((state) => state.hasMoreReviews);
  const [first] = reviews;
  if (first === undefined) return null;
  return (
    <button
      type="button"
      className="waiting"
      onClick={() => navigation.go({ ghostId: first.ghost.id, path: '', position: 0 })}
    >
      {hasMore ? 'More than ' : ''}
      {plural(reviews.length, 'review')} waiting
    </button>
  );
}

const words: Readonly<Record<ConnectionState['kind'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  gone: 'Broker away',
};

function Connection(): ReactElement {
  const kind = useSession((state) => state.connection.kind);
  const isPast = useSession((state) => state.position !== 0);
  const text = kind === 'live' && isPast ? 'In the past' : words[kind];
  return (
    <span className="connection" data-kind={kind === 'live' && isPast ? 'past' : kind} role="status">
      <span className="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

type ThemeName = 'auto' | 'light' | 'dark';
const themeNames: readonly ThemeName[] = ['auto', 'light', 'dark'];
const themeKey = 'hyperloom-theme';

function Theme(): ReactElement {
  const [theme, setTheme] = useState<ThemeName>(
    () => themeNames.find((name) => name === localStorage.getItem(themeKey)) ?? 'auto',
  );
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(themeKey, theme);
    // What draws by itself has to draw anew.
    globalThis.dispatchEvent(new Event('hyperloom-theme'));
  }, [theme]);
  const next = themeNames[(themeNames.indexOf(theme) + 1) % themeNames.length] ?? 'auto';
  return (
    <button
      type="button"
      className="quiet icon"
      onClick={() => setTheme(next)}
      aria-label={`Colours: ${theme}`}
    >
      <span aria-hidden="true">{theme === 'auto' ? '◐' : theme === 'light' ? '○' : '●'}</span>
      <span className="menu-word" aria-hidden="true">
        Colours: {theme}
      </span>
    </button>
  );
}

function Keys({ onClose }: { readonly onClose: () => void }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each.replace(',', '')}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div className="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

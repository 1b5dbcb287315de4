/**
 * Asks who reads, where the broker wants to know and the tab has no token that it takes. What is typed goes to the broker in a header, and into the tab's
 * storage once it was taken; never into an address. A token that ends while the page is open, or is withdrawn, leads back here.
 */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useState,
  type FormEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { connect, HyperloomError } from '../../../typescript/src/browser.ts';
import { explain } from '../session/explain.ts';
import { dropToken, keepToken, pageToken } from '../session/page-token.ts';

/** `known` too where the broker cannot be reached: the page itself says so, and goes on when it can. */
type Standing = 'asking' | 'known' | 'unknown';

const CheckContext = createContext<() => void>(() => undefined);

/** To be called where a stream has ended: asks whether its credentials have, and who reads if so. */
export function useTokenCheck(): () => void {
  return useContext(CheckContext);
}

export function SignIn({ children }: { readonly children: ReactNode }): ReactNode {
  const [standing, setStanding] = useState<Standing>('asking');
  const [problem, setProblem] = useState('');
  const check = useCallback((): void => {
    const token = pageToken(globalThis);
    void refusalOf(token).then((refusal) => {
      if (refusal !== '' && token !== undefined) {
        dropToken(globalThis);
        setProblem(refusal);
      }
      setStanding(refusal === '' ? 'known' : 'unknown');
    });
  }, []);
  useEffect(check, [check]);
  if (standing === 'asking') return null;
  if (standing === 'known') return <CheckContext value={check}>{children}</CheckContext>;
  const signIn = async (token: string): Promise<void> => {
    const refusal = await refusalOf(token);
    setProblem(refusal);
    if (refusal !== '') return;
    keepToken(token, globalThis);
    setStanding('known');
  };
  return <TokenForm problem={problem} onToken={signIn} />;
}

/** Why the broker does not know who calls; empty where it does. */
async function refusalOf(token: string | undefined): Promise<string> {
  const client = connect(undefined, { token, trackBasis: false, retry: false });
  try {
    await client.forests.list();
    return '';
  } catch (error) {
    const isUnknown = error instanceof HyperloomError && error.code === 'UNAUTHENTICATED';
    return isUnknown ? explain(error) : '';
  } finally {
    client.destroy();
  }
}

interface TokenFormProps {
  readonly problem: string;
  readonly onToken: (token: string) => Promise<void>;
}

function TokenForm({ problem, onToken }: TokenFormProps): ReactElement {
  const [token, setToken] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    void onToken(token.trim()).finally(() => setBusy(false));
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>Who reads?</h1>
        <p>This broker asks who calls. The token stays in this tab, for as long as it is open.</p>
        <label>
          Token
          <input
            type="password"
            autoComplete="off"
            spellCheck={false}
            autoFocus
            required
            value={token}
            aria-invalid={problem !== ''}
            onChange={({ target }) => setToken(target.value)}
          />
        </label>
        {problem === '' ? null : (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" disabled={isBusy || token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}

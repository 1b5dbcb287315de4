/** Hands out the address of this view. */
import { useState, type ReactElement } from 'react';
import { useSession, useSurroundings } from './use.ts';

export function CopyLink(): ReactElement {
  const { navigation, session } = useSurroundings();
  const [isCopied, setCopied] = useState(false);
  const position = useSession((state) => state.position);
  const copy = async (): Promise<void> => {
    const address = navigation.addressOf({ position });
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      session.tell(address);
    }
  };
  return (
    <button type="button" className="quiet" onBlur={() => setCopied(false)} onClick={() => void copy()}>
      {isCopied ? 'Copied' : 'Copy link'}
    </button>
  );
}

/** A question before something is changed: what it will do, in words, and what the reader has to say about it. */
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { explain } from '../session/explain.ts';

interface ConfirmProps {
  readonly title: string;
  readonly action: string;
  /** Whether the action takes something away. */
  readonly isGrave?: boolean;
  /** Whether everything was said that the action needs. */
  readonly isReady?: boolean;
  readonly children: ReactNode;
  /** Does it. What it throws is shown, and the question stays. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

export function Confirm(props: ConfirmProps): ReactElement {
  const { title, action, isGrave = false, isReady = true, children, onConfirm, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="confirm-title" onClose={onClose}>
      <h2 id="confirm-title">{title}</h2>
      {children}
      {problem === '' ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="buttons">
        <button type="button" className="quiet" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className={isGrave ? 'grave' : 'primary'}
          disabled={isBusy || !isReady}
          onClick={() => void confirm()}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}

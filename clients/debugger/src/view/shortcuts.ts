/** Keys that work wherever the reader is, unless text is being written. The keys of the tree are in `tree-keys.ts`. */
import { useEffect } from 'react';
import { useSurroundings } from './use.ts';

/** Every key, for the help. */
export const keys: readonly (readonly [keys: string, what: string])[] = [
  ['↑ ↓', 'in the tree: the node above, below'],
  ['→', 'open a node, then go to its first child'],
  ['←', 'close a node, then go to its parent'],
  ['Home, End', 'first, last node'],
  ['Enter', 'show the chosen node in the panel'],
  ['*', 'open everything below the chosen node'],
  ['+ − 0', 'nearer, farther, all of the tree'],
  ['Esc', 'close the panel, or a dialog'],
  ['[ ]', 'the event before, after'],
  ['Space', 'play, pause'],
  ['L', 'live: back to now'],
  ['/', 'search'],
  ['C', 'compare'],
  ['?', 'these keys'],
];

/** Opened by a key as well as by a button. */
export const helpRequested = 'hyperloom-help';

export function useShortcuts(): void {
  const { session, navigation } = useSurroundings();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const { isPlaying, revision } = session.store.get();
      switch (event.key) {
        case '[':
          void session.step(-1);
          break;
        case ']':
          void session.step(1);
          break;
        case ' ':
          if (event.target instanceof HTMLButtonElement) return;
          if (isPlaying) session.player.pause();
          else session.player.play();
          break;
        case 'l':
          session.player.pause();
          void session.travel(0);
          break;
        case 'c': {
          const left = { kind: 'revision', revision: Math.max(0, revision - 1) } as const;
          navigation.go({ compare: { left, right: { kind: 'revision', revision } } });
          break;
        }
        case 'Escape':
          if (navigation.route.compare !== undefined) navigation.go({ compare: undefined });
          else navigation.go({ path: '', ghostId: '' });
          break;
        case '/':
          globalThis.dispatchEvent(new Event('hyperloom-search'));
          break;
        case '?':
          globalThis.dispatchEvent(new Event(helpRequested));
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    globalThis.addEventListener('keydown', onKey);
    return () => globalThis.removeEventListener('keydown', onKey);
  }, [session, navigation]);
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog') !== null) return true;
  if (target instanceof HTMLInputElement) return target.type !== 'range' && target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Kinds of events as readers see them: a sign and a name each, so that no colour has to tell them apart alone. */
import type { EventKind } from '../model/timeline.ts';

export type Tone = 'trunk' | 'ghost' | 'settled' | 'reverted' | 'quiet';

export interface KindInfo {
  readonly name: string;
  readonly sign: string;
  readonly tone: Tone;
}

export const kindInfo: Readonly<Record<EventKind, KindInfo>> = {
  publish: { name: 'Publish', sign: '●', tone: 'trunk' },
  revert_revision: { name: 'Revision taken back', sign: '✕', tone: 'reverted' },
  begin: { name: 'Ghost begun', sign: '◌', tone: 'ghost' },
  stage: { name: 'Staged', sign: '◇', tone: 'ghost' },
  checkpoint: { name: 'Checkpoint', sign: '⚑', tone: 'quiet' },
  rewind: { name: 'Back to a checkpoint', sign: '↶', tone: 'reverted' },
  revert: { name: 'Ghost reverted', sign: '✕', tone: 'reverted' },
  commit: { name: 'Ghost committed', sign: '✓', tone: 'settled' },
  review: { name: 'Review', sign: '⚖', tone: 'quiet' },
};

export const eventKinds = Object.keys(kindInfo) as readonly EventKind[];

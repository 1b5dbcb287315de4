/** One move at a time of a forest's name to or from the same streams. */
import { Stopped } from '../cli/failure.ts';
import type { JetStream } from '../journal/jetstream/jetstream.ts';
import type { Turn } from '../journal/jetstream/turn.ts';
import { forestsLog } from './streams.ts';

/** Throws {@link Stopped} where there is another move after `waitMs` still. */
export async function takeTurn(streams: JetStream, forest: string, waitMs: number): Promise<Turn> {
  await streams.openLog(forestsLog);
  // Names of consumers have neither dots nor spaces.
  const name = `move-${Buffer.from(forest).toString('hex')}`;
  const turn = await streams.takeTurn(forestsLog, name, waitMs);
  if (turn === null)
    throw new Stopped(
      'conflict',
      `the forest ${forest} is being moved by somebody else: try again when that is over`,
    );
  return turn;
}

/** Throws {@link Stopped} where somebody else may have gone on meanwhile, since this process stood still. */
export async function assertTurn(turn: Turn, forest: string): Promise<void> {
  if (await turn.isHeld()) return;
  throw new Stopped(
    'conflict',
    `the move of the forest ${forest} stood still for too long, and another one may have begun: try again`,
  );
}

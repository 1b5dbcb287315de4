import type { Http2Stream } from './stream.ts';

/** How many closed streams are remembered: as many as may have frames of the peer on the way. A power of two. */
const rememberedStreams = 2_048;

/** What is known of a stream that is not open. */
export type StreamPast = 'idle' | 'ended' | 'reset' | 'skipped';

/** The streams of a connection: those that are open, and how the latest others ended. */
export class StreamTable {
  readonly open = new Map<number, Http2Stream>();
  /** The highest stream the peer has opened. */
  lastId = 0;
  /** By number: twice the stream's, and one more if we reset it. */
  readonly #past = new Float64Array(rememberedStreams);

  close(streamId: number, isOurs: boolean): void {
    this.open.delete(streamId);
    this.#past[slotOf(streamId)] = streamId * 2 + (isOurs ? 1 : 0);
  }

  /**
   * `ended`: the peer has said or knows that it is over; `reset`: we reset it, and the peer may not know. `skipped`: never
   * opened, or over for so long that nothing of it can be on the way.
   */
  past(streamId: number): StreamPast {
    if (streamId > this.lastId) return 'idle';
    const known = this.#past[slotOf(streamId)] ?? 0;
    if (known === streamId * 2 + 1) return 'reset';
    return known === streamId * 2 ? 'ended' : 'skipped';
  }
}

function slotOf(streamId: number): number {
  return (streamId >>> 1) & (rememberedStreams - 1);
}

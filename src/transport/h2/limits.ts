/** Every limit of the engine, each with its reason. A caller overrides what it knows better. */

export interface Http2Limits {
  readonly streamsMax: number;
  readonly frameBytesMax: number;
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  readonly heldBytesMax: number;
  readonly headerTableBytes: number;
  readonly headerListBytesMax: number;
  readonly headerFieldsMax: number;
  readonly headerBlockBytesMax: number;
  readonly continuationsMax: number;
  readonly handshakeMsMax: number;
  readonly headerBlockMsMax: number;
  readonly outputBytesHighWater: number;
  readonly outputBytesMax: number;
  readonly resetsBurst: number;
  readonly resetsPerSecond: number;
  readonly idleFramesBurst: number;
  readonly idleFramesPerSecond: number;
  readonly pingsBurst: number;
  readonly pingsPerSecond: number;
  readonly sendStallMsMax: number;
  readonly closingMsMax: number;
}

export const defaultLimits: Http2Limits = {
  // Streams open at once. A stream costs some 3 KiB with the call on it.
  streamsMax: 1_000,
  // What one frame of the peer may carry: the protocol's own minimum, so that a frame never holds a connection for long.
  frameBytesMax: 16_384,
  // What a peer may send before it is read: 40 Mbit/s a stream over a path of 100 ms.
  streamWindowBytes: 512 * 1024,
  // The same over all streams of a connection.
  connectionWindowBytes: 4 * 1024 * 1024,
  // Bytes that streams nobody reads from may hold before they cost the other streams of their connection a part of its
  // window: 32 streams may stand still with full windows without being noticed by the others.
  heldBytesMax: 16 * 1024 * 1024,
  // Memory of the decoder, for each connection: the protocol's own default.
  headerTableBytes: 4_096,
  // Headers of one request, counted as RFC 9113 counts (32 bytes for each beside its characters).
  headerListBytesMax: 32 * 1024,
  // Headers of one request, so that many small ones cost no more than few large ones.
  headerFieldsMax: 128,
  // The same before decompression: twice the decoded limit, since a sender may decline to compress but not much more.
  headerBlockBytesMax: 64 * 1024,
  // Frames that one header block is spread over. At 16 KiB each, far fewer hold the largest block.
  continuationsMax: 16,
  // How long a peer may take for the preface and its SETTINGS, and to acknowledge ours.
  handshakeMsMax: 10_000,
  // How long a peer may take to finish a header block; until then the protocol allows nothing else on the connection.
  headerBlockMsMax: 10_000,
  // Output gathered in one turn before it is given to the socket early.
  outputBytesHighWater: 256 * 1024,
  // Acknowledgements and headers for a peer that does not read, beyond which nothing more is read from it.
  outputBytesMax: 1024 * 1024,
  // Streams that the peer opens and resets, or makes us reset: enough for a client that gives everything up twice, and
  // then 200 a second, which no work behind the engine notices.
  resetsBurst: 2_000,
  resetsPerSecond: 200,
  // Frames that bring nothing: pings, settings, priorities, unknown ones, empty data, window updates. Each DATA frame that we
  // send pays for two and one more for each kilobyte, so that the acknowledgements of a busy reader are free.
  idleFramesBurst: 4_096,
  idleFramesPerSecond: 1_000,
  // Pings since we last sent data or headers: each wakes us up for nothing. Clients of gRPC ping every 10 s at the most often, and
  // right behind data, to measure the path; three are forgiven before the connection is ended, as their servers do.
  pingsBurst: 3,
  pingsPerSecond: 0.2,
  // How long a finished reply may wait without a byte of it being taken. Replies that are not finished are their owner's.
  sendStallMsMax: 120_000,
  // How long a closing connection waits for the peer to read its last frames and to close.
  closingMsMax: 1_000,
};

/** The defaults with what `given` overrides. */
export function http2Limits(given: Partial<Http2Limits> = {}): Http2Limits {
  return { ...defaultLimits, ...given };
}

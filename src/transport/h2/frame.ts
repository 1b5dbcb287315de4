/**
 * The frames of RFC 9113, section 4.1: length (24 bits), type (8), flags (8), a reserved bit, stream (31), payload.
 */

export const frameHeaderBytes = 9;

export const frameTypes = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

/** Flags; which frame has which is in section 6. ACK shares its bit with END_STREAM. */
export const frameFlags = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** What a client sends first, before its SETTINGS (section 3.4). */
export const clientPreface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const streamIdMax = 0x7fffffff;
export const windowBytesMax = 0x7fffffff;
/** What a window and a frame measure before any SETTINGS say otherwise (section 6.5.2). */
export const windowBytesInitial = 65_535;
export const frameBytesMin = 16_384;
export const frameBytesMax = 16_777_215;

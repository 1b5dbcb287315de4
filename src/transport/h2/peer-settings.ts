/** What the peer's SETTINGS say (RFC 9113, section 6.5.2), and the SETTINGS that we send. */
import { ConnectionError } from './error-code.ts';
import { frameBytesMax, frameBytesMin, windowBytesInitial, windowBytesMax } from './frame.ts';
import type { Http2Limits } from './limits.ts';

export const settingIds = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

const settingBytes = 6;

/** The settings of the peer that matter to a server that does not push. */
export interface PeerSettings {
  readonly headerTableBytes: number;
  readonly windowBytes: number;
  readonly frameBytesMax: number;
}

export const initialPeerSettings: PeerSettings = {
  headerTableBytes: 4_096,
  windowBytes: windowBytesInitial,
  frameBytesMax: frameBytesMin,
};

/** `before` with what a SETTINGS frame changes. Throws a {@link ConnectionError}. */
export function applySettings(before: PeerSettings, bytes: Buffer, start: number, end: number): PeerSettings {
  if ((end - start) % settingBytes !== 0) {
    throw new ConnectionError('FRAME_SIZE_ERROR', `SETTINGS of ${end - start} bytes`);
  }
  let settings = before;
  for (let at = start; at < end; at += settingBytes) {
    settings = applySetting(settings, bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
  }
  return settings;
}

function applySetting(before: PeerSettings, id: number, value: number): PeerSettings {
  switch (id) {
    case settingIds.HEADER_TABLE_SIZE:
      return { ...before, headerTableBytes: value };
    case settingIds.ENABLE_PUSH:
      if (value > 1) throw new ConnectionError('PROTOCOL_ERROR', `ENABLE_PUSH is ${value}`);
      return before;
    case settingIds.INITIAL_WINDOW_SIZE:
      if (value > windowBytesMax)
        throw new ConnectionError('FLOW_CONTROL_ERROR', `INITIAL_WINDOW_SIZE is ${value}`);
      return { ...before, windowBytes: value };
    case settingIds.MAX_FRAME_SIZE:
      if (value < frameBytesMin || value > frameBytesMax) {
        throw new ConnectionError('PROTOCOL_ERROR', `MAX_FRAME_SIZE is ${value}`);
      }
      return { ...before, frameBytesMax: value };
    default:
      return before;
  }
}

/** The payload of our SETTINGS. */
export function encodeSettings(limits: Http2Limits): Uint8Array {
  const settings: readonly (readonly [number, number])[] = [
    [settingIds.HEADER_TABLE_SIZE, limits.headerTableBytes],
    [settingIds.MAX_CONCURRENT_STREAMS, limits.streamsMax],
    [settingIds.INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
    [settingIds.MAX_FRAME_SIZE, limits.frameBytesMax],
    [settingIds.MAX_HEADER_LIST_SIZE, limits.headerListBytesMax],
  ];
  const bytes = Buffer.alloc(settings.length * settingBytes);
  for (const [index, [id, value]] of settings.entries()) {
    bytes.writeUInt16BE(id, index * settingBytes);
    bytes.writeUInt32BE(value, index * settingBytes + 2);
  }
  return bytes;
}

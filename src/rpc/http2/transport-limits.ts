import * as limits from '../../base/limits.ts';

/** The bounds of a transport. Tests and operators narrow them; the defaults and their reasons are in `base/limits.ts`. */
export interface TransportLimits {
  readonly connectionsMax: number;
  readonly streamsPerConnectionMax: number;
  readonly metadataBytesMax: number;
  readonly messageBytesMax: number;
  readonly incompleteRequestBytesMax: number;
  readonly replyBytesHighWater: number;
  readonly replyBytesLowWater: number;
  readonly replyBytesQueuedMax: number;
  readonly compressedReplyBytesMin: number;
  readonly firstBytesMsMax: number;
  readonly httpHeadersMsMax: number;
  readonly httpRequestMsMax: number;
  readonly keepaliveMs: number;
  readonly keepaliveAnswerMsMax: number;
  readonly clientPingMsMin: number;
  readonly connectionIdleMsMax: number;
  /** `Infinity`: connections may grow as old as they like. Otherwise each lives this long, give or take a tenth. */
  readonly connectionAgeMsMax: number;
  readonly connectionAgeGraceMs: number;
}

/** The defaults with what `given` overrides. */
export function transportLimits(given: Partial<TransportLimits> = {}): TransportLimits {
  return {
    connectionsMax: limits.connectionsMax,
    streamsPerConnectionMax: limits.streamsPerConnectionMax,
    metadataBytesMax: limits.metadataBytesMax,
    messageBytesMax: limits.messageBytesMax,
    incompleteRequestBytesMax: limits.incompleteRequestBytesMax,
    replyBytesHighWater: limits.replyBytesHighWater,
    replyBytesLowWater: limits.replyBytesLowWater,
    replyBytesQueuedMax: limits.replyBytesQueuedMax,
    compressedReplyBytesMin: limits.compressedReplyBytesMin,
    firstBytesMsMax: limits.firstBytesMsMax,
    httpHeadersMsMax: limits.httpHeadersMsMax,
    httpRequestMsMax: limits.httpRequestMsMax,
    keepaliveMs: limits.keepaliveMsDefault,
    keepaliveAnswerMsMax: limits.keepaliveAnswerMsDefault,
    clientPingMsMin: limits.clientPingMsMinDefault,
    connectionIdleMsMax: limits.connectionIdleMsMax,
    connectionAgeMsMax: Infinity,
    connectionAgeGraceMs: limits.connectionAgeGraceMsDefault,
    ...given,
  };
}

/** What every command has, whatever it asks for. */

/** Makes a command safe to repeat. */
export interface RequestKey {
  readonly id: string;
  /** A checksum of the request's content, which tells a repetition from a reused id. */
  readonly fingerprint: number;
}

/** What every command carries. */
export interface CommandCommon {
  readonly author: string;
  /** `null`: a repetition is a new command. */
  readonly request: RequestKey | null;
  /** The W3C trace context of the call that asked (`traceparent`); absent where there was none. Decides on nothing. */
  readonly traceParent?: string;
}

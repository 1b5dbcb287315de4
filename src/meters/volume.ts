/** Amounts of content: bytes are known at once, tokens when somebody has had time to count them. */

/** What a meter adds up. Mutable: it is what the hot path touches. */
export class Volume {
  bytes = 0;
  /** Tokens of what has been counted so far. */
  tokens = 0;
  /** Bytes of what has been counted so far. */
  countedBytes = 0;

  /** Adds content whose tokens are known. */
  add(bytes: number, tokens: number): void {
    this.bytes += bytes;
    this.counted(bytes, tokens);
  }

  /** Notes the tokens of content whose bytes were added before. */
  counted(bytes: number, tokens: number): void {
    this.countedBytes += bytes;
    this.tokens += tokens;
  }

  /** All tokens, with an estimate for what has not been counted. */
  tell(tokensPerByte: number): VolumeReport {
    const estimatedTokens = Math.round((this.bytes - this.countedBytes) * tokensPerByte);
    return { bytes: this.bytes, tokens: this.tokens + estimatedTokens, estimatedTokens };
  }
}

/** A volume as it is told. */
export interface VolumeReport {
  readonly bytes: number;
  readonly tokens: number;
  /** How many of the tokens are an estimate. */
  readonly estimatedTokens: number;
}

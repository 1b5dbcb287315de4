/** Bytes that are not what they should be. The only error with which decoding fails, whatever the bytes. */
export class CodecDamage extends Error {
  override readonly name = 'CodecDamage';
}

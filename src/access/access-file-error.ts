/** A file of access or of tokens that cannot be used, with what is wrong. */
export class AccessFileError extends Error {
  override readonly name = 'AccessFileError';
}
